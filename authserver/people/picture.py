"""The picture that a person uploads (OpenID Connect Core §5.1, `picture`)."""

import secrets

from authserver.people.change import Change
from authserver.protocol.person.picture import picture_url
from authserver.store import profiles
from authserver.store.users import User


def set_picture(change: Change, user: User, content: bytes, issuer: str) -> bool:
    """Keep a picture, which was made anew as JPEG, in place of any before. False where the person is gone.

    It is taken away as what else is said of a person: `change_profile` with None for `picture`.
    """
    # A new picture has a new address, of 128 random bits: it says nothing of whose it is or what it shows.
    handle = secrets.token_urlsafe(16)
    url = picture_url(issuer, handle)
    if not profiles.set_picture(change.connection, user.sub, url, handle, content, change.now):
        return False
    change.note("user:profile:changed", user.sub, fields=["picture"])
    return True
