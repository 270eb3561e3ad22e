"""What a provider says of a person, taken over: all of it for a new account, later only what the rules name."""

from sqlalchemy import Connection

from authserver.protocol.provider import Provider
from authserver.protocol.vouched import Vouched
from authserver.store import profiles
from authserver.store.profiles import Profile
from authserver.store.users import User
from authserver.web.current import current_server


def refresh(connection: Connection, provider: Provider, user: User, person: Vouched, *, is_new: bool) -> None:
    """Take over name and picture as far as the rules say; what the provider leaves out stays as it is."""
    before = Profile(user.name, user.given_name, user.family_name, user.picture, user.locale, user.zoneinfo)
    takes_name = (is_new or "name" in provider.refresh) and person.name is not None
    takes_picture = (is_new or "picture" in provider.refresh) and person.picture is not None
    after = Profile(
        name=person.name if takes_name else before.name,
        given_name=person.given_name if takes_name else before.given_name,
        family_name=person.family_name if takes_name else before.family_name,
        picture=person.picture if takes_picture else before.picture,
        locale=before.locale,
        zoneinfo=before.zoneinfo,
    )
    if after != before:
        profiles.set_profile(connection, user.sub, after, current_server().now())
