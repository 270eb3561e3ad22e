"""Redeeming a code: what it was bound to, what it stands for, and what is left of one that was refused."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, func, select

from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.store import sessions, users
from authserver.store.allowed import authorizations, codes, refresh_tokens
from authserver.store.allowed.authorizations import InvalidGrantError
from authserver.store.allowed.codes import Redemption
from authserver.store.allowed.tables import refresh_tokens as tokens_table
from authserver.store.database import Database
from authserver.store.sessions import SignIn
from tests.store.people import NOW

CLIENT, URI = "portal", "https://portal.example.com/callback"
IDLE, LIFETIME = 3600, 100_000


def grant(connection: Connection, *scope: str) -> tuple[str, str, str, str]:
    """The person, their session, the authorization and its code."""
    sub = users.add(connection, username="ada", roles=["user", "admin"], now=NOW).sub
    _cookie, session = sessions.start(connection, SignIn(sub, ("pwd",), 3600, LIFETIME), NOW)
    asked = BrowserRequest(
        client_id=CLIENT,
        redirect_uri=URI,
        redirect_uri_given=True,
        response_mode="query",
        scope=("openid", *scope),
        audiences=("https://api.example.com",),
        nonce="n",
    )
    started = authorizations.start(
        connection,
        asked,
        sub=sub,
        sid=session.sid,
        auth_time=NOW - 5,
        amr=("pwd", "otp"),
        acr="gold",
        now=NOW,
        code_lifetime=60,
        expires_at=NOW + LIFETIME,
    )
    assert started is not None
    return sub, session.sid, *started


def redeem(database: Database, code: str, *, idle: int | None = IDLE, now: int = NOW) -> codes.Redeemed:
    with database.write() as connection:
        return codes.redeem(connection, Redemption(code, CLIENT, URI, None), now, idle=idle)


def tokens(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(tokens_table)) or 0


def test_a_code_stands_for_all_that_was_granted_with_the_roles_of_now(database: Database) -> None:
    with database.write() as connection:
        sub, sid, key, code = grant(connection)
        users.set_roles(connection, sub, ["moderator"], NOW)
    found = redeem(database, code).authorization
    with database.read() as connection:
        assert found == authorizations.live(connection, key, NOW)
    assert (found.id, found.sub, found.sid, found.client_id) == (key, sub, sid, CLIENT)
    assert (found.scope, found.audiences, found.offline) == (("openid",), ("https://api.example.com",), False)
    assert (found.auth_time, found.amr, found.acr, found.nonce) == (NOW - 5, ("pwd", "otp"), "gold", "n")
    assert (found.roles, found.session_seen_at, found.expires_at) == (("moderator",), NOW, NOW + LIFETIME)
    assert found.session_idle == 3600


def test_its_refresh_token_lives_for_the_idle_time_and_never_past_the_authorization(database: Database) -> None:
    with database.write() as connection:
        code = grant(connection, "offline_access")[3]
    token = redeem(database, code, idle=10 * LIFETIME).refresh_token
    with database.write() as connection, pytest.raises(InvalidGrantError, match="expired"):
        refresh_tokens.rotate(connection, str(token), CLIENT, NOW + LIFETIME, idle=IDLE, grace=60)
    with database.write() as connection:
        refresh_tokens.rotate(connection, str(token), CLIENT, NOW + LIFETIME - 1, idle=IDLE, grace=60)


def test_without_the_refresh_grant_no_refresh_token_is_left(database: Database) -> None:
    with database.write() as connection:
        code = grant(connection)[3]
    assert redeem(database, code, idle=None).refresh_token is None
    assert tokens(database) == 0


ENDS: dict[str, Callable[[Connection, str, str, str], object]] = {
    "revoked": lambda connection, _sub, _sid, key: authorizations.revoke(connection, key, NOW),
    "of a session that ended": lambda connection, _sub, sid, _key: sessions.end(connection, sid, NOW),
    "of a disabled person": lambda connection, sub, _sid, _key: users.disable(connection, sub, NOW),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("idle", [IDLE, None])
def test_the_code_of_what_ended_is_refused_and_buys_nothing(database: Database, end: str, idle: int | None) -> None:
    with database.write() as connection:
        sub, sid, key, code = grant(connection)
        ENDS[end](connection, sub, sid, key)
    with pytest.raises(InvalidGrantError, match="has ended"):
        redeem(database, code, idle=idle)
    assert tokens(database) == 0


def test_a_refusal_later_in_the_transaction_leaves_the_code_as_it_was(database: Database) -> None:
    with database.write() as connection:
        code = grant(connection)[3]
    with database.write() as connection:
        codes.redeem(connection, Redemption(code, CLIENT, URI, None), NOW, idle=IDLE)
        connection.rollback()
    assert tokens(database) == 0
    assert redeem(database, code).refresh_token is not None


def test_a_code_is_good_until_its_last_second_only(database: Database) -> None:
    with database.write() as connection:
        code = grant(connection)[3]
    with pytest.raises(InvalidGrantError, match="expired"):
        redeem(database, code, now=NOW + 60)
    assert redeem(database, code, now=NOW + 59).authorization.client_id == CLIENT
