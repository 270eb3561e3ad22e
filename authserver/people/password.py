"""Another password: what was begun with the old one ends.

OWASP ASVS 5 §6.3.7, §7.4.3. https://owasp.org/ASVS
"""

from authserver.events import EventName
from authserver.people.access import note_ended
from authserver.people.account import hand_over
from authserver.people.change import Change
from authserver.store import links, signin_failures, users
from authserver.store.users import User


def change_password(change: Change, user: User, password_hash: str) -> None:
    """Replace the password of somebody who knows the old one."""
    _replace(change, user, password_hash, "user:password:changed")


def set_password(change: Change, user: User, password_hash: str) -> None:
    """Give a person a password, as an administrator does."""
    _replace(change, user, password_hash, "user:password:set")


def request_reset(change: Change, user: User, email: str, *, client_id: str | None = None) -> None:
    """Mail a link to reset the password to `email`, the person's address; an older link is void.

    `client_id` is the client on the way to which they asked, if any: the page after the reset leads there.
    """
    settings = change.post.settings
    lifetime, detail = settings.reset_lifetime, {"client_id": client_id}
    token = links.make(change.connection, "reset", email, change.now, lifetime, sub=user.sub, detail=detail)
    change.note("user:reset:requested", user.sub)
    change.tell(user, "reset", email, link=f"{settings.issuer}/reset?token={token}", lifetime=lifetime)


def reset_password(change: Change, user: User, password_hash: str) -> None:
    """Replace a forgotten password, for who has proven the address: an account that nobody had proven is theirs now."""
    if not user.email_verified:
        user = hand_over(change, user)
    _replace(change, user, password_hash, "user:password:reset")


def _replace(change: Change, user: User, password_hash: str, event: EventName) -> None:
    ended = users.set_password(change.connection, user.sub, password_hash, change.now)
    # Failures were at the old password: who has the new one need not wait for them.
    signin_failures.forget(change.connection, signin_failures.account(user.sub, user.username))
    change.note(event, user.sub)
    note_ended(change, user, ended)
    change.tell(user, "password_changed")
