"""Another password: what was begun with the old one ends.

OWASP ASVS 5 §6.3.7, §7.4.3. https://owasp.org/ASVS
"""

from authserver.events import EventName
from authserver.people.access import note_ended
from authserver.people.change import Change
from authserver.people.handover import hand_over
from authserver.store import signin_failures, users
from authserver.store.users import User


def change_password(change: Change, user: User, password_hash: str) -> None:
    """Replace the password of somebody who knows the old one."""
    _replace(change, user, password_hash, "user:password:changed")


def set_password(change: Change, user: User, password_hash: str) -> None:
    """Give a person a password, as an administrator does."""
    _replace(change, user, password_hash, "user:password:set")


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
