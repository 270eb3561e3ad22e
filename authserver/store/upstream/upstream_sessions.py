"""The sessions that a provider vouched for: which of them are meant when one of its own ends, and how it is told.

OpenID Connect Back-Channel Logout 1.0 §2.4. https://openid.net/specs/openid-connect-backchannel-1_0.html
"""

from sqlalchemy import Boolean, Connection, String, bindparam, func, or_, select

from authserver.store.engine.statement import Statement
from authserver.store.sessions import LIVE
from authserver.store.tables import sessions

_ID_TOKEN = Statement(select(sessions.c.upstream_id_token).where(sessions.c.sid == bindparam("session")))
_OF_UPSTREAM = Statement(
    select(sessions.c.sid)
    .where(
        sessions.c.sub == bindparam("person"),
        sessions.c.provider == bindparam("from"),
        or_(bindparam("any_sid", type_=Boolean), sessions.c.upstream_sid == bindparam("theirs", type_=String)),
        # Where it is not known when somebody signed in there, it may have been then: sooner one too many is ended.
        func.coalesce(sessions.c.auth_time, sessions.c.created_at) <= bindparam("before"),
        *LIVE,
    )
    .order_by(sessions.c.sid)
)
_PEOPLE_OF_UPSTREAM = Statement(
    select(sessions.c.sub)
    .distinct()
    .where(sessions.c.provider == bindparam("from"), sessions.c.upstream_sid == bindparam("theirs"), *LIVE)
)


def of_upstream(
    connection: Connection, sub: str, provider: str, upstream_sid: str | None, before: int, now: int
) -> list[str]:
    """The `sid`s of a person's live sessions that a provider vouched for up to `before`: for one of its own, or any."""
    values = {"person": sub, "from": provider, "any_sid": upstream_sid is None, "theirs": upstream_sid}
    return _OF_UPSTREAM.column(connection, values | {"before": before, "now": now})


def people_of_upstream(connection: Connection, provider: str, upstream_sid: str, now: int) -> list[str]:
    """The `sub`s of the people of live sessions that one session of a provider began."""
    values = {"from": provider, "theirs": upstream_sid, "now": now}
    return _PEOPLE_OF_UPSTREAM.column(connection, values)


def upstream_id_token(connection: Connection, sid: str) -> bytes | None:
    """The provider's ID token, sealed, that began a session, where it was kept."""
    sealed: bytes | None = _ID_TOKEN.value(connection, {"session": sid})
    return sealed
