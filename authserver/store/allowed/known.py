"""Who is signed in, and what they have allowed the client that asks: one look for a request that needs no page."""

from sqlalchemy import Connection, and_, bindparam

from authserver.protocol.digest import digest
from authserver.protocol.interaction import Remembered
from authserver.store.allowed.consents import remembered
from authserver.store.allowed.tables import consents
from authserver.store.engine.statement import Statement
from authserver.store.sessions import MAX_COOKIE, OF_COOKIE, Session, as_session
from authserver.store.tables import sessions

_FIND = Statement(
    OF_COOKIE.add_columns(consents.c.scope, consents.c.audiences, consents.c.api_scopes).outerjoin(
        consents, and_(consents.c.sub == sessions.c.sub, consents.c.client_id == bindparam("client"))
    )
)


def find(connection: Connection, cookie: str, client_id: str, now: int) -> tuple[Session, Remembered] | None:
    """The live session of a cookie, as `sessions.find`, with the consent of its person to this client."""
    if len(cookie) > MAX_COOKIE:
        return None
    row = _FIND.row(connection, {"cookie": digest(cookie), "client": client_id, "now": now})
    return None if row is None else (as_session(row[:-3]), remembered(row[-3:]))
