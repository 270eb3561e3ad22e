"""Browsers that a person has signed in with before. The cookie holds a 256-bit secret, this table its digest."""

import secrets

from sqlalchemy import BigInteger, Connection, bindparam, delete, select, update

from authserver.protocol.digest import digest
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.tables import devices

MAX_COOKIE = 128
_KNOWN = Statement(
    select(devices.c.digest).where(
        devices.c.digest == bindparam("cookie"),
        devices.c.sub == bindparam("person"),
        devices.c.expires_at > bindparam("now", type_=BigInteger),
    )
)
# A browser that many share is known to be theirs, but not to ever more of them.
MOST_PEOPLE = 20
_PEOPLE = Statement(
    select(devices.c.sub)
    .where(devices.c.digest == bindparam("cookie"), devices.c.expires_at > bindparam("now", type_=BigInteger))
    .order_by(devices.c.expires_at.desc())
    .limit(MOST_PEOPLE)
)
_IS_OURS = Statement(select(devices.c.digest).where(devices.c.digest == bindparam("cookie")).limit(1))
_REMEMBER = upsert(
    devices,
    lambda row: row.values(
        digest=bindparam("cookie"), sub=bindparam("person"), created_at=bindparam("now"), expires_at=bindparam("end")
    ).on_conflict_do_update(index_elements=["digest", "sub"], set_={"expires_at": bindparam("end")}),
)
_TRUSTED = Statement(
    select(devices.c.digest).where(
        devices.c.digest == bindparam("cookie"),
        devices.c.sub == bindparam("person"),
        devices.c.trusted_until > bindparam("now", type_=BigInteger),
    )
)
_TRUST = Statement(
    update(devices)
    .where(devices.c.digest == bindparam("cookie"), devices.c.sub == bindparam("person"))
    .values(trusted_until=bindparam("until"))
)
_DISTRUST = Statement(
    update(devices)
    .where(devices.c.sub == bindparam("person"), devices.c.trusted_until.is_not(None))
    .values(trusted_until=None)
)
_FORGET = Statement(delete(devices).where(devices.c.sub == bindparam("person")))
_DELETE_EXPIRED = Statement(
    delete(devices).where(
        devices.c.digest.in_(
            select(devices.c.digest).where(devices.c.expires_at <= bindparam("before")).limit(bindparam("batch"))
        ),
        devices.c.expires_at <= bindparam("before"),
    )
)


def is_known(connection: Connection, cookie: str | None, sub: str, now: int) -> bool:
    """Whether the browser with this cookie has signed this person in before."""
    if not cookie or len(cookie) > MAX_COOKIE:
        return False
    values = {"cookie": digest(cookie), "person": sub, "now": now}
    return _KNOWN.row(connection, values) is not None


def people(connection: Connection, cookie: str | None, now: int) -> list[str]:
    """The subs of those who have signed in with the browser of this cookie, the last ones first."""
    if not cookie or len(cookie) > MAX_COOKIE:
        return []
    return _PEOPLE.column(connection, {"cookie": digest(cookie), "now": now})


def remember(connection: Connection, cookie: str | None, sub: str, now: int, lifetime: int) -> str:
    """Know this browser from now on, for `lifetime` seconds; returns its cookie. A planted one is not adopted."""
    if not cookie or not _is_ours(connection, cookie):
        cookie = secrets.token_urlsafe(32)
    values = {"cookie": digest(cookie), "person": sub, "now": now, "end": now + lifetime}
    _REMEMBER.run(connection, values)
    return cookie


def is_trusted(connection: Connection, cookie: str | None, sub: str, now: int) -> bool:
    """Whether no second factor is asked of this person in the browser with this cookie."""
    if not cookie or len(cookie) > MAX_COOKIE:
        return False
    return _TRUSTED.row(connection, {"cookie": digest(cookie), "person": sub, "now": now}) is not None


def trust(connection: Connection, cookie: str, sub: str, until: int) -> None:
    """Ask this person for no second factor in this browser, which is known, until then."""
    _TRUST.run(connection, {"cookie": digest(cookie), "person": sub, "until": until})


def distrust(connection: Connection, sub: str) -> int:
    """Ask a person for a second factor again wherever they sign in; returns in how many browsers that is new."""
    return _DISTRUST.run(connection, {"person": sub})


def forget(connection: Connection, sub: str) -> None:
    """Know no browser of this person any more; one that others sign in with stays known to them."""
    _FORGET.run(connection, {"person": sub})


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` browsers that were not used for long; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})


def _is_ours(connection: Connection, cookie: str) -> bool:
    return len(cookie) <= MAX_COOKIE and _IS_OURS.row(connection, {"cookie": digest(cookie)}) is not None
