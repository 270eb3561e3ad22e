"""What is said of a person: what a profile consists of (OpenID Connect Core §5.1)."""

from collections.abc import Mapping
from typing import Any

from authserver.people.change import Change
from authserver.protocol.person.claims import PROFILE
from authserver.store import profiles
from authserver.store.users import User


def change_profile(change: Change, user: User, given: Mapping[str, Any]) -> bool:
    """Change what is given; None takes it away, what is left out stays. False where it all was so already.

    What is known of a number or the like is known of that one: it goes with it, unless it is given again.
    """
    moved = {name for name, value in given.items() if value != user.profile[name]}
    given = {name: claim.nothing for name, claim in PROFILE.items() if claim.beside in moved} | dict(given)
    changed = {name: value for name, value in given.items() if value != user.profile[name]}
    if not changed:
        return False
    profiles.set_profile(change.connection, user.sub, {**user.profile, **changed}, change.now)
    change.note("user:profile:changed", user.sub, fields=sorted(changed))
    if change.by.is_administrator:
        labels = {name: PROFILE[name].label for name in changed}
        change.tell(user, "profile_changed", fields=sorted(changed), labels=labels)
    return True
