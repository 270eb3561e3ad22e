"""What is said of a person: name, picture, language and time zone (OpenID Connect Core §5.1)."""

from collections.abc import Mapping

from authserver.people.change import Change
from authserver.store import profiles
from authserver.store.profiles import NAMES, Profile
from authserver.store.users import User


def change_profile(change: Change, user: User, given: Mapping[str, str | None]) -> bool:
    """Change what is given; None takes it away, what is left out stays. False where it all was so already."""
    changed = {name: value for name, value in given.items() if value != getattr(user, name)}
    if not changed:
        return False
    before = {name: getattr(user, name) for name in NAMES}
    profiles.set_profile(change.connection, user.sub, Profile(**before | changed), change.now)
    change.note("user:profile:changed", user.sub, fields=sorted(changed))
    if change.by.is_administrator:
        change.tell(user, "profile_changed", fields=sorted(changed))
    return True
