"""The factors that a person has: one more, another name, one fewer."""

from authserver.people.access import end_these
from authserver.people.change import Change
from authserver.store import devices, sessions
from authserver.store.factors import factor_notices, held, passkeys, recovery_codes, totp
from authserver.store.factors.held import Factor
from authserver.store.factors.passkeys import NewPasskey
from authserver.store.handover import hold
from authserver.store.users import User


def add_totp(change: Change, user: User, name: str, secret: str, sealed: bytes, *, step: int, session: str) -> bool:
    """Let an authenticator app be a factor of this person; `sealed` is its secret as it is kept.

    With the first one all sessions but this one end, which began without any. False where the app is known already.
    """
    is_first = not held_factors(change, user)
    if not totp.add(change.connection, user.sub, name, secret, sealed, step, change.now):
        return False
    _note_added(change, user, "totp", name, session=session, is_first=is_first)
    return True


def add_passkey(change: Change, user: User, name: str, new: NewPasskey, *, session: str) -> bool:
    """Let a passkey be a factor of this person, and a way in by itself; otherwise as `add_totp`."""
    is_first = not held_factors(change, user)
    if not passkeys.add(change.connection, user.sub, name, new, change.now):
        return False
    _note_added(change, user, "passkey", name, session=session, is_first=is_first)
    return True


def decline_passkey(change: Change, user: User, until: int | None) -> None:
    """Offer this person no passkey until then, or never again."""
    passkeys.decline(change.connection, user.sub, until)
    change.note("user:passkey:declined", user.sub, until=until)


def put_off_factor(change: Change, user: User, until: int) -> None:
    """Say no more until then that a second factor will be required of this person, who wants none yet."""
    factor_notices.put_off(change.connection, user.sub, until)
    change.note("user:factor:put_off", user.sub, until=until)


def _note_added(change: Change, user: User, kind: str, name: str, *, session: str, is_first: bool) -> None:
    change.note("user:factor:added", user.sub, kind=kind)
    change.tell(user, "factors_changed", change="added", name=name)
    if is_first:
        live = sessions.of_person(change.connection, user.sub, change.now)
        end_these(change, user, (each.sid for each in live if each.sid != session))


def held_factors(change: Change, user: User) -> list[Factor]:
    """The factors of a person, which nobody else changes until the transaction ends."""
    # Read after the hold: of two removals at once the second sees what the first has left.
    hold(change.connection, user.sub)
    return held.of_person(change.connection, user.sub)


def rename_factor(change: Change, user: User, factor: Factor, name: str) -> None:
    """Call a factor otherwise."""
    if name == factor.name:
        return
    held.rename(change.connection, user.sub, factor, name)
    change.note("user:factor:renamed", user.sub, kind=factor.kind)
    change.tell(user, "factors_changed", change="renamed", name=name)


def remove_factor(change: Change, user: User, factor: Factor) -> None:
    """Take a factor from a person; with the last one go the recovery codes, and browsers that need none."""
    if not held.remove(change.connection, user.sub, factor):
        return
    if not held.has_second(change.connection, user.sub):
        recovery_codes.replace(change.connection, user.sub, (), change.now)
    devices.distrust(change.connection, user.sub)
    change.note("user:factor:removed", user.sub, kind=factor.kind)
    change.tell(user, "factors_changed", change="removed", name=factor.name)


def distrust_devices(change: Change, user: User) -> None:
    """Ask for a second factor again wherever this person signs in."""
    if devices.distrust(change.connection, user.sub):
        change.note("user:factor:required", user.sub)
        change.tell(user, "factors_changed", change="distrusted")
