"""Who is signed in, and what they have allowed the client that asks: one look for a request that needs no page."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam

from authserver.protocol.digest import digest
from authserver.protocol.interaction import Remembered
from authserver.store.allowed.authorizations import roles_and_groups, words
from authserver.store.allowed.consents import remembered
from authserver.store.allowed.tables import consents
from authserver.store.engine.statement import Statement
from authserver.store.sessions import MAX_COOKIE, OF_COOKIE, Session, as_session
from authserver.store.tables import sessions

_KNOWN = OF_COOKIE.add_columns(consents.c.scope, consents.c.audiences, consents.c.api_scopes).outerjoin(
    consents, and_(consents.c.sub == sessions.c.sub, consents.c.client_id == bindparam("client"))
)
_FIND = Statement(_KNOWN)
_FIND_WITH_ROLES = Statement(_KNOWN.add_columns(*roles_and_groups(sessions.c)))


@dataclass(frozen=True, slots=True)
class Known:
    """The live session, and the consent of its person to the client; roles and groups where they were asked for."""

    session: Session
    consent: Remembered
    roles: tuple[str, ...] | None = None
    groups: tuple[str, ...] = ()


def find(connection: Connection, cookie: str, client_id: str, now: int, *, with_roles: bool = False) -> Known | None:
    """The live session of a cookie, as `sessions.find`, with the consent of its person to this client."""
    if len(cookie) > MAX_COOKIE:
        return None
    statement = _FIND_WITH_ROLES if with_roles else _FIND
    row = statement.row(connection, {"cookie": digest(cookie), "client": client_id, "now": now})
    if row is None:
        return None
    if not with_roles:
        return Known(as_session(row[:-3]), remembered(row[-3:]))
    roles, groups = row[-2:]
    return Known(as_session(row[:-5]), remembered(row[-5:-2]), words(roles), words(groups))
