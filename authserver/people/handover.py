"""An account whose address nobody had proven, in the hands of the owner of the address."""

from dataclasses import replace

from authserver.people.access import note_ended
from authserver.people.change import Change
from authserver.store import handover
from authserver.store.users import User


def hand_over(change: Change, user: User) -> User:
    """Leave nothing of who had the account without proving its address; returns the person as they are then."""
    ended = handover.hand_over(change.connection, user.sub, change.now)
    change.note("user:account:handed_over", user.sub)
    note_ended(change, user, ended)
    return replace(user, email_verified=True, password_hash=None)
