"""A session that lives gets one more factor: what was proven is added, and nothing of it begins anew."""

import secrets

from sqlalchemy import BigInteger, Connection, bindparam, update

from authserver.protocol.digest import digest
from authserver.store.engine.statement import Statement
from authserver.store.sessions import FIELDS, LIVE, Session, as_session
from authserver.store.tables import sessions

_STEP_UP = Statement(
    update(sessions)
    .where(sessions.c.sid == bindparam("session"), *LIVE)
    .values(
        digest=bindparam("anew"),
        amr=bindparam("proven"),
        methods=bindparam("done"),
        factor_at=bindparam("now", type_=BigInteger),
    )
    .returning(*FIELDS)
)


def step_up(
    connection: Connection, session: Session, amr: tuple[str, ...], methods: tuple[str, ...], now: int
) -> tuple[str, Session] | None:
    """Add a factor, and how it was proven, to a session; returns as `start`, or None where it has ended.

    The cookie is a new one; when the person signed in stays as it is.
    """
    cookie = secrets.token_urlsafe(32)
    values = {"session": session.sid, "anew": digest(cookie), "proven": " ".join(amr), "now": now}
    values["done"] = " ".join(methods)
    row = _STEP_UP.row(connection, values)
    return None if row is None else (cookie, as_session(row))
