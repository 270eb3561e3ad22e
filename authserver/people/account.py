"""An account as a whole: shut, opened again, deleted, in other hands."""

from dataclasses import replace

from authserver.people.access import note_ended
from authserver.people.change import Change
from authserver.protocol.person.login_name import login_key
from authserver.store import handover, signin_failures, users
from authserver.store.users import User


def disable(change: Change, user: User) -> bool:
    """Shut a person out: no sign-in, and every session and authorization ends. False if it was so already."""
    ended = users.disable(change.connection, user.sub, change.now)
    if ended is None:
        return False
    change.note("user:account:disabled", user.sub)
    note_ended(change, user, ended)
    change.tell(user, "account_disabled")
    return True


def enable(change: Change, user: User) -> bool:
    """Let a disabled person sign in again. What was ended stays ended. False if they were not disabled."""
    if not users.enable(change.connection, user.sub, change.now):
        return False
    change.note("user:account:enabled", user.sub)
    change.tell(user, "account_enabled")
    return True


def unlock(change: Change, user: User) -> None:
    """Forget a person's failed sign-ins, so that they can try again without waiting."""
    signin_failures.forget(change.connection, signin_failures.account(user.sub, user.username))
    signin_failures.forget(change.connection, signin_failures.factor_account(user.sub))
    for login in (user.username, user.email or ""):
        signin_failures.forget(change.connection, signin_failures.code_account(login_key(login)))
    change.note("user:login:unlocked", user.sub)


def delete(change: Change, user: User) -> None:
    """Delete a person and everything that belongs to them, for good; tokens are dead at once. Events stay."""
    change.tell(user, "account_deleted")
    ended = users.remove(change.connection, user.sub, change.now)
    change.note("user:account:deleted", user.sub)
    note_ended(change, user, ended)


def hand_over(change: Change, user: User) -> User:
    """Give an account whose address nobody had proven to the owner of the address; returns the person as they are then.

    Nothing is left of who had it.
    """
    ended = handover.hand_over(change.connection, user.sub, change.now)
    change.note("user:account:handed_over", user.sub)
    note_ended(change, user, ended)
    return replace(user, email_verified=True, password_hash=None)
