"""What makes an authorization hold: each condition by itself, for its code, its refresh token and its access tokens."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Table, update
from sqlalchemy.exc import IntegrityError

from authserver.store import sessions, users
from authserver.store.allowed import access_tokens, authorizations, codes, granted, refresh_tokens
from authserver.store.allowed.authorizations import InvalidGrantError
from authserver.store.allowed.codes import Redemption
from authserver.store.allowed.tables import authorizations as authorizations_table
from authserver.store.database import Database
from authserver.store.sessions import SignIn
from authserver.store.tables import sessions as sessions_table
from authserver.store.tables import users as users_table
from tests.store.people import NOW, REDIRECT_URI, try_start

Use = Callable[[Connection, str, str, str], object]
# Written into the rows: whatever did it, and whatever else that move would have done, it alone must suffice.
ENDED: dict[str, tuple[Table, dict[str, Any]]] = {
    "revoked": (authorizations_table, {"revoked_at": NOW}),
    "too old": (authorizations_table, {"expires_at": NOW}),
    "of a disabled person": (users_table, {"disabled_at": NOW}),
    "of an ended session": (sessions_table, {"ended_at": NOW}),
    "of a session that is too old": (sessions_table, {"expires_at": NOW}),
    "of a session that is not complete": (sessions_table, {"completed_at": None}),
    "of a session that is idle": (sessions_table, {"last_seen_at": NOW - 3600}),
}
OF_SESSIONS = [name for name in ENDED if "session" in name]


def redeem(connection: Connection, _sub: str, _key: str, code: str) -> object:
    try:
        return codes.redeem(connection, Redemption(code, "portal", REDIRECT_URI, None), NOW, idle=60)
    except InvalidGrantError:
        return None


USES: dict[str, Use] = {
    "code": redeem,
    "authorization": lambda connection, _sub, key, _code: authorizations.live(connection, key, NOW),
    "claims": lambda connection, _sub, key, _code: access_tokens.holder(connection, f"{key}.x", NOW, names=["address"]),
    "subject": lambda connection, _sub, key, _code: access_tokens.subject(connection, f"{key}.x", NOW),
    "list": lambda connection, sub, _key, _code: granted.page(connection, sub, NOW, most=9),
}


def grant(connection: Connection, *, offline: bool) -> tuple[str, str, str]:
    """The person, an authorization of theirs and its code."""
    sub = users.add(connection, username="ada", now=NOW - 10).sub
    sid = sessions.start(connection, SignIn(sub, ("pwd",), 3600, 86400), NOW - 10)[1].sid
    started = try_start(connection, sub, sid, offline=offline)
    assert started is not None
    return sub, *started


def write_end(connection: Connection, name: str) -> None:
    table, values = ENDED[name]
    connection.execute(update(table).values(values))


@pytest.mark.parametrize("use", USES)
def test_what_holds_can_be_used(database: Database, use: str) -> None:
    with database.write() as connection:
        assert USES[use](connection, *grant(connection, offline=False))


@pytest.mark.parametrize("end", ENDED)
@pytest.mark.parametrize("use", USES)
def test_each_end_by_itself_is_enough(database: Database, use: str, end: str) -> None:
    with database.write() as connection:
        granted_to = grant(connection, offline=False)
        write_end(connection, end)
        assert not USES[use](connection, *granted_to)


@pytest.mark.parametrize("end", OF_SESSIONS)
def test_offline_access_outlives_the_session(database: Database, end: str) -> None:
    with database.write() as connection:
        _sub, key, _code = grant(connection, offline=True)
        write_end(connection, end)
        assert authorizations.live(connection, key, NOW) is not None


@pytest.mark.parametrize("end", ENDED)
def test_a_rotated_token_gives_its_successor_again_only_while_the_authorization_holds(
    database: Database, end: str
) -> None:
    with database.write() as connection:
        _sub, key, _code = grant(connection, offline=False)
        authorization = authorizations.live(connection, key, NOW)
        assert authorization is not None
        token = refresh_tokens.start(connection, authorization, NOW, 60)
        refresh_tokens.rotate(connection, token, "portal", NOW, idle=60, grace=60)
        write_end(connection, end)
        with pytest.raises(InvalidGrantError, match="has ended") as refused:
            refresh_tokens.rotate(connection, token, "portal", NOW, idle=60, grace=60)
    assert refused.value.replayed is None


def test_another_code_is_given_to_its_own_person_while_none_was_redeemed_or_revoked(database: Database) -> None:
    with database.write() as connection:
        sub, key, _code = grant(connection, offline=False)
        bob = users.add(connection, username="bob", now=NOW).sub
        assert codes.reissue_code(connection, key, bob, NOW, 60) is None
        code = codes.reissue_code(connection, key, sub, NOW, 60)
        authorizations.revoke(connection, key, NOW)
        assert codes.reissue_code(connection, key, sub, NOW, 60) is None
    late = Redemption(str(code), "portal", REDIRECT_URI, None)
    with database.write() as connection, pytest.raises(InvalidGrantError, match="expired"):
        codes.redeem(connection, late, NOW + 60, idle=60)


def test_what_a_device_requested_has_no_code_and_gets_none(database: Database) -> None:
    with database.write() as connection:
        sub, key, code = grant(connection, offline=True)
        of_device = {"requested_by": "device", "code_digest": None, "code_expires_at": None}
        connection.execute(update(authorizations_table).values(**of_device, redirect_uri=None, redirect_uri_given=None))
        authorization = authorizations.live(connection, key, NOW)
        assert authorization is not None
        assert codes.reissue_code(connection, key, sub, NOW, 60) is None
        with pytest.raises(InvalidGrantError, match="unknown"):
            codes.redeem(connection, Redemption(code, "portal", None, None), NOW, idle=60)
        token = refresh_tokens.start(connection, authorization, NOW, 60)
        assert refresh_tokens.rotate(connection, token, "portal", NOW, idle=60, grace=60).authorization == authorization
        assert [each.id for each in granted.page(connection, sub, NOW, most=10)] == [key]
        assert authorizations.revoke(connection, key, NOW)


@pytest.mark.parametrize(
    "half", [{"requested_by": "device"}, {"redirect_uri": None}, {"code_digest": None}, {"code_expires_at": None}]
)
def test_the_database_refuses_an_authorization_with_half_of_a_code(database: Database, half: dict[str, Any]) -> None:
    with database.write() as connection:
        grant(connection, offline=True)
    with database.write() as connection, pytest.raises(IntegrityError):
        connection.execute(update(authorizations_table).values(**half))
