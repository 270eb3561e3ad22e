"""Links and codes that a person gets by mail and acts with once. The link's token is 256 random bits, kept as a digest.

A link can come with a page in the browser that asked for it, where six digits do the same. The page has a handle; the
code's digest is salted with it and the table keeps neither, so that a copy of it gives no code away.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BigInteger, Connection, bindparam, case, insert, select, update

from authserver.protocol.digest import digest
from authserver.protocol.person.email_address import email_key
from authserver.store.engine import removal
from authserver.store.engine.statement import Row, Statement
from authserver.store.tables import links

Kind = Literal["reset", "sign_up", "email", "invite", "prove", "factors", "sign_in"]
MAX_TOKEN = 64
MOST_ATTEMPTS, LONGEST_CODE = 5, 20
# What a person's links of these kinds do rests on the password and the address that they have.
CHANGED_BY = ("reset", "email", "prove", "invite", "sign_in")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is for. `detail` says what is done when it is spent; `created_at` is in seconds since the epoch."""

    kind: Kind
    sub: str | None
    email: str
    detail: Mapping[str, Any]
    browser: bytes | None
    created_at: int


@dataclass(frozen=True, slots=True)
class Sent:
    """The secrets of a new link with a page: the token and the code go into the mail, the handle to the browser."""

    token: str
    code: str
    handle: str


_table = links.c
_FIELDS = (_table.kind, _table.sub, _table.email, _table.detail, _table.browser, _table.created_at)
_OPEN = (_table.spent_at.is_(None), _table.expires_at > bindparam("now", type_=BigInteger))
_BY_TOKEN = (_table.digest == bindparam("key"), _table.kind == bindparam("what"), *_OPEN)
_BY_PAGE = (_table.handle == bindparam("key"), _table.browser == bindparam("owner"), *_OPEN)

_INSERT = Statement(
    insert(links),
    columns=(
        *("digest", "kind", "sub", "email", "detail", "handle", "browser", "code_digest"),
        *("attempts", "created_at", "expires_at"),
    ),
)
_FIND = Statement(select(*_FIELDS).where(*_BY_TOKEN))
_FIND_PAGE = Statement(select(*_FIELDS).where(*_BY_PAGE))
_SPEND = Statement(update(links).where(*_BY_TOKEN).values(spent_at=bindparam("now")).returning(*_FIELDS))
_SPEND_PAGE = Statement(update(links).where(*_BY_PAGE).values(spent_at=bindparam("now")).returning(*_FIELDS))
_SPEND_CODE = Statement(
    update(links)
    .where(*_BY_PAGE, _table.attempts < MOST_ATTEMPTS)
    .values(
        attempts=_table.attempts + 1,
        spent_at=case((_table.code_digest == bindparam("typed"), bindparam("now", type_=BigInteger)), else_=None),
    )
    .returning(*_FIELDS, _table.spent_at)
)
_GIVE = Statement(
    update(links)
    .where(_table.handle == bindparam("key"), _table.sub.is_(None), *_OPEN)
    .values(sub=bindparam("person"), email=bindparam("to"))
)
_COUNT_PASSWORD = Statement(
    update(links).where(*_BY_TOKEN, _table.attempts < MOST_ATTEMPTS).values(attempts=_table.attempts + 1)
)
_OF_PERSON = (_table.sub == bindparam("person"), _table.spent_at.is_(None))
_VOID = Statement(update(links).where(*_OF_PERSON, _table.kind.in_(CHANGED_BY)).values(spent_at=bindparam("now")))
_VOID_OLDER = Statement(
    update(links).where(*_OF_PERSON, _table.kind == bindparam("what")).values(spent_at=bindparam("now"))
)
# Few at a time, and asked for by administrators alone: no index is for them.
_OF_NOBODY = Statement(
    select(_table.digest, _table.email).where(
        _table.kind == bindparam("what"), _table.sub.is_(None), _table.handle.is_(None), *_OPEN
    )
)
_VOID_ONE = Statement(update(links).where(_table.digest == bindparam("key"), *_OPEN).values(spent_at=bindparam("now")))
_OF_KIND = (*_OF_PERSON, _table.kind == bindparam("what"), _table.expires_at > bindparam("now", type_=BigInteger))
_OPEN_OF = Statement(select(*_FIELDS).where(*_OF_KIND).limit(1))
_VOID_KIND = Statement(update(links).where(*_OF_KIND).values(spent_at=bindparam("now")))
_DELETE_EXPIRED = removal.delete_expired(_table.digest, _table.expires_at)


def make(
    connection: Connection,
    kind: Kind,
    email: str,
    now: int,
    lifetime: int,
    *,
    sub: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> str:
    """A link that works for `lifetime` seconds; returns its token, which is kept nowhere. A person's older is void."""
    token = secrets.token_urlsafe(32)
    row = {"digest": digest(token), "handle": None, "browser": None, "code_digest": None}
    _insert(connection, row | _purpose(kind, email, sub, detail), now, lifetime)
    return token


def make_with_page(
    connection: Connection,
    kind: Kind,
    email: str,
    now: int,
    lifetime: int,
    *,
    browser: bytes,
    sub: str | None = None,
    detail: Mapping[str, Any] | None = None,
    decoy: bool = False,
    digits: int = 6,
) -> Sent:
    """A link and a code, and a page for the browser with this digest. A decoy has a page alone: no code fits it."""
    code = f"{secrets.randbelow(10**digits):0{digits}}"
    sent = Sent(secrets.token_urlsafe(32), code, secrets.token_urlsafe(24))
    row = {
        "digest": secrets.token_bytes(32) if decoy else digest(sent.token),
        "handle": digest(sent.handle),
        "browser": browser,
        "code_digest": secrets.token_bytes(32) if decoy else _code_digest(sent.handle, sent.code),
    }
    _insert(connection, row | _purpose(kind, email, sub, detail), now, lifetime)
    return sent


def find(connection: Connection, kind: Kind, token: str, now: int) -> Link | None:
    """The link of this token, where it can still be spent. Spends nothing."""
    values = _token(kind, token, now)
    return None if values is None else _link(_FIND.row(connection, values))


def spend(connection: Connection, kind: Kind, token: str, now: int) -> Link | None:
    """Spend a link, once: None where it is unknown, expired, void or spent. Of many at once one gets it."""
    values = _token(kind, token, now)
    return None if values is None else _link(_SPEND.row(connection, values))


def find_page(connection: Connection, handle: str, browser: bytes, now: int) -> Link | None:
    """The link whose page this is, in the browser that asked for it."""
    values = _page(handle, browser, now)
    return None if values is None else _link(_FIND_PAGE.row(connection, values))


def spend_code(connection: Connection, handle: str, browser: bytes, code: str, now: int) -> Link | None:
    """Spend a link by its code, spaces and dashes in it or not. Every attempt counts, and after five none succeeds."""
    values = _page(handle, browser, now)
    if values is None:
        return None
    digits = "".join(each for each in code[:LONGEST_CODE] if each.isalnum())
    row = _SPEND_CODE.row(connection, values | {"typed": _code_digest(handle, digits)})
    return None if row is None or row[-1] is None else _link(row[:-1])


def give(connection: Connection, handle: str, sub: str, email: str, now: int) -> bool:
    """Let the code of a page that was made for nobody yet be this person's, whose address it is sent to, once."""
    return _GIVE.run(connection, {"key": digest(handle), "person": sub, "to": email, "now": now}) == 1


def spend_page(connection: Connection, handle: str, browser: bytes, now: int) -> Link | None:
    """Void a link and its code in favour of new ones; of two at once one gets it."""
    values = _page(handle, browser, now)
    return None if values is None else _link(_SPEND_PAGE.row(connection, values))


def open_of(connection: Connection, kind: Kind, sub: str, now: int) -> Link | None:
    """The link of a kind that a person has and that can still be spent."""
    return _link(_OPEN_OF.row(connection, {"what": kind, "person": sub, "now": now}))


def void_kind(connection: Connection, kind: Kind, sub: str, now: int) -> bool:
    """Void a person's link of a kind. False where there is none that could be spent."""
    return _VOID_KIND.run(connection, {"what": kind, "person": sub, "now": now}) > 0


def void_for_address(connection: Connection, kind: Kind, email: str, now: int) -> None:
    """Void the links of a kind to an address, in any spelling, that nobody has yet."""
    key = email_key(email)
    for found, address in _OF_NOBODY.rows(connection, {"what": kind, "now": now}):
        if email_key(address) == key:
            _VOID_ONE.run(connection, {"key": found, "now": now})


def count_password(connection: Connection, kind: Kind, token: str, now: int) -> bool:
    """Count an attempt at the password that goes with a link. False where there were too many."""
    values = _token(kind, token, now)
    return values is not None and _COUNT_PASSWORD.run(connection, values) == 1


def void(connection: Connection, sub: str, now: int) -> None:
    """Void a person's links that a changed password or email address makes meaningless."""
    _VOID.run(connection, {"person": sub, "now": now})


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` expired links; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})


def _purpose(kind: Kind, email: str, sub: str | None, detail: Mapping[str, Any] | None) -> dict[str, object]:
    return {"kind": kind, "email": email, "sub": sub, "detail": json.dumps(detail or {})}


def _insert(connection: Connection, row: Mapping[str, object], now: int, lifetime: int) -> None:
    if row["sub"] is not None:
        _VOID_OLDER.run(connection, {"person": row["sub"], "what": row["kind"], "now": now})
    _INSERT.run(connection, {**row, "attempts": 0, "created_at": now, "expires_at": now + lifetime})


def _link(row: Row | None) -> Link | None:
    if row is None:
        return None
    kind, sub, email, detail, browser, created_at = row
    return Link(kind, sub, email, json.loads(detail), browser, created_at)


def _token(kind: Kind, token: str, now: int) -> dict[str, object] | None:
    return {"key": digest(token), "what": kind, "now": now} if 0 < len(token) <= MAX_TOKEN else None


def _page(handle: str, browser: bytes, now: int) -> dict[str, object] | None:
    return {"key": digest(handle), "owner": browser, "now": now} if 0 < len(handle) <= MAX_TOKEN else None


def _code_digest(handle: str, code: str) -> bytes:
    return digest(f"{handle} {code}")
