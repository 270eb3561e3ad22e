"""Failed sign-ins in a row, for an account. An unknown account is counted like a known one (ASVS 6.3.8).

An attempt is counted before its password is looked at, so that many at once cannot slip past; a success
forgets them. After some failures each attempt must wait twice as long as the last, up to a limit: there is no
hard lock.
"""

from sqlalchemy import BigInteger, Connection, Integer, bindparam, case, cast, delete, literal, or_, select, update

from authserver.protocol.digest import digest
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.tables import signin_failures

FIRST_WAIT = 10
FORGOTTEN_AFTER = 86400

_failures, _last_at = signin_failures.c.failures, signin_failures.c.last_at
_beyond = _failures - bindparam("free", type_=Integer)
_doublings = bindparam("doublings", type_=Integer)
_now = bindparam("now", type_=BigInteger)
_WAIT = case(
    (_beyond < 0, cast(literal(0), BigInteger)),
    (_beyond >= _doublings, bindparam("longest", type_=BigInteger)),
    else_=cast(literal(FIRST_WAIT), BigInteger).bitwise_lshift(_beyond),
)
# A clock that was set back must not shut an account for the difference.
_MAY_TRY = or_(_last_at + _WAIT <= _now, _last_at > _now)

_ATTEMPT = upsert(
    signin_failures,
    lambda row: (
        row.values(account=bindparam("account"), failures=1, last_at=_now)
        .on_conflict_do_update(
            index_elements=["account"], set_={"failures": _failures + 1, "last_at": _now}, where=_MAY_TRY
        )
        .returning(_failures)
    ),
)
_REMAINING = Statement(select(_last_at + _WAIT - _now).where(signin_failures.c.account == bindparam("account")))
_FORGET = Statement(delete(signin_failures).where(signin_failures.c.account == bindparam("account")))
_TAKE_BACK = Statement(
    update(signin_failures)
    .where(signin_failures.c.account == bindparam("account_"), _failures > 0)
    .values(failures=_failures - 1)
)
_DELETE_EXPIRED = removal.delete_some(signin_failures.c.account, _last_at <= bindparam("before"))


def account(sub: str | None, login_key: str, known_device: str | None = None) -> bytes:
    """What an account is counted under: the same for all its logins, an unknown one by its login.

    A device that has signed the person in before is counted for itself.
    """
    if sub and known_device:
        return digest(f"sub {sub} device {known_device}")
    return digest(f"sub {sub}" if sub else f"login {login_key}")


def factor_account(sub: str, known_device: str | None = None) -> bytes:
    """What guesses at a person's second factor are counted under: a right password forgets none of them."""
    return digest(f"factor {sub}" + (f" device {known_device}" if known_device else ""))


def code_account(login_key: str, known_device: str | None = None) -> bytes:
    """What guesses at codes that are mailed to whoever has a login are counted under, be there somebody or not."""
    return digest(f"code {login_key}" + (f" device {known_device}" if known_device else ""))


def attempt(connection: Connection, account: bytes, now: int, *, free: int, longest: int) -> int:
    """Count an attempt as failed and allow it (0), or refuse it and say how many seconds to wait.

    `free` attempts in a row need no wait; `longest` is the longest wait in seconds. A refusal counts nothing.
    """
    values = {
        "account": account,
        "now": now,
        "free": free,
        "longest": longest,
        "doublings": max(0, (longest - 1) // FIRST_WAIT).bit_length(),
    }
    if _ATTEMPT.row(connection, values) is not None:
        return 0
    remaining = _REMAINING.value(connection, values)
    return max(1, remaining or 0)


def take_back(connection: Connection, account: bytes) -> None:
    """An attempt whose password nobody looked at was no failure."""
    _TAKE_BACK.run(connection, {"account_": account})


def forget(connection: Connection, account: bytes) -> None:
    """The right password came: the row of failures is broken."""
    _FORGET.run(connection, {"account": account})


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` accounts without a failure for a day; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now - FORGOTTEN_AFTER, "batch": limit})
