"""Who fetches the JWKS, and when: programs, known by address, user agent, and the hint that they give.

Nothing of it is proven. Its number is bounded, and it is forgotten after a while, since an address may be a person's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, and_, bindparam, case, delete, func, or_, select

from authserver.protocol.digest import digest
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.tables import jwks_readers as t

DAY = 86400
# Nobody comes later.
_PAST_ALL = 2**62
# Who has not come for so long is forgotten.
KEPT = 14 * DAY
# Who came twice within a day only may have been curious.
REGULAR = DAY
MOST = 2000

_FIELDS = ("address", "user_agent", "hint", "first_at", "last_at")
_NOTE = upsert(
    t,
    lambda row: row.on_conflict_do_update(
        index_elements=["digest"], set_={"last_at": row.excluded.last_at}, where=t.c.last_at < row.excluded.last_at
    ),
    columns=("digest", *_FIELDS),
)
_all = select(*(t.c[name] for name in _FIELDS)).order_by(t.c.last_at.desc(), t.c.digest)
_ALL = Statement(_all)
_at = bindparam("at", type_=BigInteger)
_PAGE = Statement(
    _all.where(or_(t.c.last_at < _at, and_(t.c.last_at == _at, t.c.digest > bindparam("one")))).limit(bindparam("most"))
)
_COUNT = Statement(select(func.count()).select_from(t))
# Whoever comes regularly is kept longest, so that no crowd of strangers makes us forget them.
_is_regular = case((t.c.last_at - t.c.first_at >= REGULAR, 1), else_=0)
_LEAST = Statement(select(t.c.digest).order_by(_is_regular, t.c.last_at).limit(bindparam("most")))
_REMOVE = Statement(delete(t).where(t.c.digest == bindparam("one")))
_DELETE_OLD = removal.delete_some(t.c.digest, t.c.last_at <= bindparam("before", type_=BigInteger))


@dataclass(frozen=True, slots=True)
class JwksReader:
    """One of them. The texts are what it says of itself, in ASCII; times are seconds since the epoch."""

    address: str
    user_agent: str
    hint: str
    first_at: int
    last_at: int

    @property
    def is_regular(self) -> bool:
        """Whether it comes again and again, as an API does."""
        return self.last_at - self.first_at >= REGULAR

    @property
    def digest(self) -> bytes:
        """Names it."""
        return digest("\0".join((self.address, self.user_agent, self.hint)))


def note(connection: Connection, readers: Iterable[JwksReader]) -> None:
    """Note that these came, at their `last_at`. Past 2,000, those who come least are forgotten."""
    _NOTE.run_each(connection, (_row(each) for each in readers))
    surplus = _COUNT.value(connection) - MOST
    if surplus > 0:
        least = _LEAST.column(connection, {"most": surplus})
        _REMOVE.run_each(connection, ({"one": bytes(each)} for each in least))


def of(connection: Connection) -> list[JwksReader]:
    """All of them, who came last first."""
    return [JwksReader(*row) for row in _ALL.rows(connection)]


def page(connection: Connection, most: int, at: int = _PAST_ALL, one: bytes = b"") -> list[JwksReader]:
    """Up to `most` of them, who came last first: those past the one with this digest, that came `at` this second."""
    return [JwksReader(*row) for row in _PAGE.rows(connection, {"at": at, "one": one, "most": most})]


def delete_old(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` who have not come for long; returns how many."""
    return _DELETE_OLD.run(connection, {"before": now - KEPT, "batch": limit})


def _row(reader: JwksReader) -> dict[str, object]:
    return {"digest": reader.digest} | {field: getattr(reader, field) for field in _FIELDS}
