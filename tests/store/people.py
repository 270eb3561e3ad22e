"""Rows that several store tests begin with."""

from sqlalchemy import Connection

from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.store.allowed import authorizations

NOW = 1_800_000_000
REDIRECT_URI = "https://portal.example.com/callback"


def start_authorization(connection: Connection, sub: str, sid: str, *, offline: bool = True) -> str:
    """The id of an authorization of this person, given in this session, which must live."""
    key = try_authorization(connection, sub, sid, offline=offline)
    assert key is not None
    return key


def try_authorization(connection: Connection, sub: str, sid: str, *, offline: bool = True) -> str | None:
    """As `start_authorization`; None where the session has ended."""
    started = try_start(connection, sub, sid, offline=offline)
    return None if started is None else started[0]


def try_start(connection: Connection, sub: str, sid: str, *, offline: bool = True) -> tuple[str, str] | None:
    """As `try_authorization`, with the code."""
    request = BrowserRequest(
        client_id="portal",
        redirect_uri=REDIRECT_URI,
        redirect_uri_given=True,
        response_mode="query",
        scope=("openid", "offline_access") if offline else ("openid",),
        audiences=(),
    )
    return authorizations.start(
        connection,
        request,
        sub=sub,
        sid=sid,
        auth_time=NOW,
        amr=("pwd",),
        now=NOW,
        code_lifetime=60,
        expires_at=NOW + 86400,
    )
