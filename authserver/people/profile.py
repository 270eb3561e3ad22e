"""What is said of a person: the profile (OpenID Connect Core §5.1), and an administrator's own claims."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from authserver.people.change import Change
from authserver.protocol.person.claims import PROFILE
from authserver.protocol.person.known_claims import STANDARD, KnownClaims
from authserver.store import profiles
from authserver.store.users import User

NOTHING: Mapping[str, Any] = MappingProxyType({})


def change_profile(
    change: Change,
    user: User,
    given: Mapping[str, Any],
    claims: Mapping[str, Any] = NOTHING,
    known: KnownClaims = STANDARD,
) -> bool:
    """Change what is given; None takes it away, what is left out stays. False where it all was so already.

    `claims` are those beside the standard ones, of `known`, which were checked. What is known of a number or the like
    is known of that one: it goes with it, unless it is given again.
    """
    moved = {name for name, value in given.items() if value != user.profile[name]}
    given = {name: claim.nothing for name, claim in PROFILE.items() if claim.beside in moved} | dict(given)
    changed = {name: value for name, value in given.items() if value != user.profile[name]}
    own = {name: value for name, value in claims.items() if value != user.claims.get(name)}
    if not changed and not own:
        return False
    if changed.keys() - {profiles.PICTURE}:
        profiles.set_profile(change.connection, user.sub, {**user.profile, **changed}, change.now)
    if profiles.PICTURE in changed:
        profiles.set_picture_url(change.connection, user.sub, changed[profiles.PICTURE], change.now)
        profiles.forget_picture(change.connection, user.sub)
    if own:
        left = {name: value for name, value in {**user.claims, **own}.items() if value is not None}
        profiles.set_own_claims(change.connection, user.sub, left, change.now)
    names = sorted({*changed, *own})
    change.note("user:profile:changed", user.sub, fields=names)
    if change.by.is_administrator:
        change.tell(user, "profile_changed", fields=names, labels={name: _label(name, known) for name in names})
    return True


def _label(name: str, known: KnownClaims) -> str:
    if name in PROFILE:
        return PROFILE[name].label
    return known.own[name].label if name in known.own else name
