"""Recovery codes of a person: made, and used."""

import secrets

from authserver.people.change import Change
from authserver.protocol.factors import recovery_code
from authserver.store.factors import recovery_codes
from authserver.store.users import User


def make_recovery_codes(change: Change, user: User) -> list[str]:
    """Give a person new codes, which are shown now and kept nowhere; those before are void."""
    codes = [recovery_code.spelled(secrets.token_bytes(recovery_code.RANDOM_BYTES)) for _ in range(recovery_code.COUNT)]
    kept = [recovery_code.code_digest(user.sub, str(recovery_code.read(each))) for each in codes]
    recovery_codes.replace(change.connection, user.sub, kept, change.now)
    change.note("user:recovery_codes:made", user.sub)
    change.tell(user, "factors_changed", change="codes")
    return codes


def use_recovery_code(change: Change, user: User, typed: str) -> bool:
    """Spend a code, once, and tell the person. False where it is none, or was used."""
    code = recovery_code.read(typed)
    if code is None:
        return False
    kept = recovery_code.code_digest(user.sub, code)
    if not recovery_codes.spend(change.connection, user.sub, kept, change.now):
        return False
    left = recovery_codes.left(change.connection, user.sub)
    change.note("user:recovery_code:used", user.sub, left=left)
    change.tell(user, "recovery_code_used", left=left)
    return True
