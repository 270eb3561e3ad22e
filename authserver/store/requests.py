"""Authorization requests that wait for a person, each under a handle bound to one browser.

Pages carry the handle alone; what was asked, and what has been done under it, stays here. A request that its client
pushed has a handle before it has a browser (RFC 9126 §2.2), and is bound to the first that must be asked something.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from authserver.protocol.digest import digest
from authserver.protocol.errors import RedirectedError
from authserver.protocol.interaction import Progress
from authserver.protocol.request.device_request import WaitingRequest, waiting_request
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.tables import authorization_requests

MAX_HANDLE = 64
# Of one browser, and so many bytes of each. More tabs than anybody answers within half an hour.
MOST_OF_BROWSER, LONGEST = 50, 32_768
# The browser of a pushed request that no browser has brought yet: no digest is empty.
NOBODYS = b""
_table = authorization_requests.c
_INSERT = Statement(
    insert(authorization_requests),
    columns=("digest", "browser", "client_id", "parameters", "created_at", "expires_at"),
)
_DROP_OLDEST = removal.delete_oldest(_table.digest, _table.browser, _table.created_at, MOST_OF_BROWSER)
_FOUND = select(
    _table.parameters,
    _table.authenticated_sid,
    _table.selected_sid,
    _table.consented_sid,
    _table.denied_at,
    _table.authorization_id,
    _table.browser,
).where(_table.digest == bindparam("key"), _table.expires_at > bindparam("now"))
_FIND = Statement(_FOUND.where(_table.browser == bindparam("owner")))
_OWN_OR_NOBODYS = or_(_table.browser == bindparam("owner"), _table.browser == NOBODYS)
_FIND_PUSHED = Statement(_FOUND.where(_OWN_OR_NOBODYS, _table.client_id == bindparam("client")))
# One atomic move each: of many browsers one gets a pushed request, and nothing answers it twice.
_OPEN = (_table.digest == bindparam("key"), _table.authorization_id.is_(None), _table.denied_at.is_(None))
_CLAIM = Statement(
    update(authorization_requests)
    .where(*_OPEN, _table.browser == NOBODYS, _table.expires_at > bindparam("now"))
    .values(browser=bindparam("owner"), expires_at=bindparam("until"))
)
_SPEND = Statement(
    update(authorization_requests).where(*_OPEN, _table.browser == NOBODYS).values(denied_at=bindparam("now"))
)
_MARK = {
    name: Statement(
        update(authorization_requests).where(_table.digest == bindparam("key")).values({name: bindparam("sid")})
    )
    for name in ("authenticated_sid", "selected_sid", "consented_sid")
}
# Deny is final: nothing sets it back.
_DENY = Statement(
    update(authorization_requests)
    .where(_table.digest == bindparam("key"))
    .values(denied_at=bindparam("now"))
    .returning(_table.authorization_id)
)
_ANSWER = Statement(update(authorization_requests).where(*_OPEN).values(authorization_id=bindparam("authorization")))
_DELETE_EXPIRED = removal.delete_expired(_table.digest, _table.expires_at)


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request under its handle, what was done so far, and the authorization that answered it, if any.

    `is_claimed` says that it is bound to a browser.
    """

    request: WaitingRequest
    progress: Progress
    authorization_id: str | None
    is_claimed: bool = True


def save(connection: Connection, request: WaitingRequest, browser: bytes, now: int, lifetime: int) -> str:
    """Keep a request for `lifetime` seconds, for the browser with this digest; returns the handle.

    Of a browser that has very many waiting the oldest goes. Raises RedirectedError where there is too much in it.
    """
    _DROP_OLDEST.run(connection, {"owner": browser})
    return _insert(connection, request, browser, now, lifetime)


def push(connection: Connection, request: WaitingRequest, now: int, lifetime: int) -> str:
    """Keep a request that its client pushed, for `lifetime` seconds until a browser brings it; returns the handle.

    Raises RedirectedError as `save`.
    """
    return _insert(connection, request, NOBODYS, now, lifetime)


def find_pushed(
    connection: Connection, handle: str, client_id: str, browser: bytes | None, now: int
) -> PendingRequest | None:
    """The request that this client pushed, of no browser yet or of this one; None where there is none."""
    if len(handle) > MAX_HANDLE:
        return None
    owner = browser or NOBODYS
    row = _FIND_PUSHED.row(connection, {"key": digest(handle), "owner": owner, "client": client_id, "now": now})
    return None if row is None else _pending(row)


def claim(connection: Connection, handle: str, browser: bytes, now: int, lifetime: int) -> bool:
    """Bind a pushed request to a browser that must be asked something, for `lifetime` seconds. One browser gets it."""
    _DROP_OLDEST.run(connection, {"owner": browser})
    row = {"key": digest(handle), "owner": browser, "now": now, "until": now + lifetime}
    return _CLAIM.run(connection, row) == 1


def spend(connection: Connection, handle: str, now: int) -> bool:
    """Note that a pushed request was answered by an error before any browser had to be asked. False if it was used."""
    return _SPEND.run(connection, {"key": digest(handle), "now": now}) == 1


def find(connection: Connection, handle: str, browser: bytes, now: int) -> PendingRequest | None:
    """The request under a handle; None where it is unknown, expired or of another browser."""
    if not handle or len(handle) > MAX_HANDLE:
        return None
    row = _FIND.row(connection, {"key": digest(handle), "owner": browser, "now": now})
    return None if row is None else _pending(row)


def mark_authenticated(connection: Connection, handle: str, sid: str) -> None:
    """Note that the person signed in under this handle: satisfies prompt=login and max_age."""
    _MARK["authenticated_sid"].run(connection, {"key": digest(handle), "sid": sid})


def mark_selected(connection: Connection, handle: str, sid: str) -> None:
    """Note that the person chose to go on with this session: satisfies prompt=select_account."""
    _MARK["selected_sid"].run(connection, {"key": digest(handle), "sid": sid})


def mark_consented(connection: Connection, handle: str, sid: str) -> None:
    """Note that the person of this session allowed the request."""
    _MARK["consented_sid"].run(connection, {"key": digest(handle), "sid": sid})


def deny(connection: Connection, handle: str, now: int) -> str | None:
    """Note that the person refused; for good. The authorization that had answered the request before, if any."""
    answered: str | None = _DENY.value(connection, {"key": digest(handle), "now": now})
    return answered


def answer(connection: Connection, handle: str, authorization_id: str) -> bool:
    """Bind the one authorization that answers the request. False if another did, or the person refused."""
    return _ANSWER.run(connection, {"key": digest(handle), "authorization": authorization_id}) == 1


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` expired requests; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})


def _insert(connection: Connection, request: WaitingRequest, browser: bytes, now: int, lifetime: int) -> str:
    handle, parameters = secrets.token_urlsafe(24), request.to_json()
    if len(parameters) > LONGEST:
        raise RedirectedError("invalid_request", "This request is larger than this server stores.")
    _INSERT.run(
        connection,
        {
            "digest": digest(handle),
            "browser": browser,
            "client_id": request.client_id,
            "parameters": parameters,
            "created_at": now,
            "expires_at": now + lifetime,
        },
    )
    return handle


def _pending(row: Sequence[Any]) -> PendingRequest:
    parameters, authenticated_sid, selected_sid, consented_sid, denied_at, authorization_id, browser = row
    return PendingRequest(
        request=waiting_request(parameters),
        progress=Progress(authenticated_sid, selected_sid, consented_sid, denied_at is not None),
        authorization_id=authorization_id,
        is_claimed=browser != NOBODYS,
    )
