"""Scopes taken back one at a time: of many at once none stays, and what was whole ends up with the rest."""

from dataclasses import replace

from sqlalchemy import Connection

from authserver.protocol.interaction import Remembered
from authserver.protocol.person.known_claims import STANDARD
from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.store import sessions, users
from authserver.store.allowed import applications, authorizations, codes, consents, narrowing
from authserver.store.allowed.codes import Redemption
from authserver.store.allowed.refresh_tokens import rotate
from authserver.store.database import Database
from authserver.store.sessions import SignIn
from tests.store.at_once import CALLERS, at_once
from tests.store.people import NOW

API, URI = "https://api.example.com", "https://portal.example.com/callback"
EACH = tuple(f"{API}#do:{number:02}" for number in range(CALLERS + 1))
WHOLE = {API: frozenset(EACH)}
REQUEST = BrowserRequest(
    client_id="portal",
    redirect_uri=URI,
    redirect_uri_given=True,
    response_mode="query",
    scope=("openid", "offline_access"),
    audiences=(),
)


def begun(database: Database, api_scopes: tuple[str, ...] | None) -> tuple[str, str]:
    """A person, and the refresh token of what they allowed."""
    request = replace(REQUEST, audiences=(API,), api_scopes=api_scopes)
    with database.write() as connection:
        sub = users.add(connection, username="ada", now=NOW).sub
        sid = sessions.start(connection, SignIn(sub, ("pwd",), 3600, 86400), NOW)[1].sid
        started = start(connection, request, sub, sid)
        assert started is not None
        consents.remember(
            connection, sub, "portal", request.scope, request.whole_audiences, NOW, api_scopes=api_scopes or ()
        )
        redeemed = codes.redeem(connection, Redemption(started[1], "portal", URI, None), NOW, idle=3600)
    return sub, str(redeemed.refresh_token)


def start(
    connection: Connection, request: BrowserRequest, sub: str, sid: str, consent: tuple[str, ...] = ()
) -> tuple[str, str] | None:
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
        consent=consent,
    )


def withdraw(connection: Connection, sub: str, scope: str) -> bool:
    return narrowing.withdraw_scope(connection, sub, "portal", scope, NOW, whole=WHOLE, known=STANDARD)


def left_after_all_at_once(database: Database, api_scopes: tuple[str, ...] | None) -> None:
    sub, token = begun(database, api_scopes)

    def act(number: int) -> bool:
        with database.write() as connection:
            return withdraw(connection, sub, EACH[number])

    assert all(at_once(act))
    with database.write() as connection:
        kept = rotate(connection, token, "portal", NOW, idle=3600, grace=60).authorization
        assert (kept.api_scopes, kept.scope) == ((EACH[-1],), ("openid", "offline_access"))
        remembered = consents.find(connection, sub, "portal")
        assert remembered == Remembered(frozenset({"openid", "offline_access"}), frozenset(), frozenset({EACH[-1]}))
        # The last one leaves nothing, and never everything.
        assert withdraw(connection, sub, EACH[-1])
        assert not withdraw(connection, sub, EACH[-1])
    with database.read() as connection:
        left = authorizations.live(connection, kept.id, NOW)
        assert left is not None
        assert left.api_scopes == ()


def test_of_many_withdrawn_at_once_none_stays(database: Database) -> None:
    left_after_all_at_once(database, EACH)


def test_of_an_api_that_was_allowed_as_a_whole_the_rest_stays(database: Database) -> None:
    left_after_all_at_once(database, None)


def test_a_yes_that_rests_on_what_is_taken_back_meanwhile_is_narrowed_or_never_written(database: Database) -> None:
    with database.write() as connection:
        sub = users.add(connection, username="ada", now=NOW).sub
        sid = sessions.start(connection, SignIn(sub, ("pwd",), 3600, 86400), NOW)[1].sid
        consents.remember(connection, sub, "portal", ("openid",), (), NOW, api_scopes=EACH)

    def act(number: int) -> list[str]:
        keys = []
        for step in range(4):
            if number % 4 == 0:
                with database.write() as connection:
                    withdraw(connection, sub, EACH[number + step])
                continue
            with database.read() as connection:
                seen = consents.find(connection, sub, "portal")
            request = replace(REQUEST, scope=("openid",), api_scopes=tuple(sorted(seen.api_scopes)))
            with database.write() as connection:
                started = start(connection, request, sub, sid, consent=seen.row)
            keys += [started[0]] if started else []
        return keys

    written = [key for keys in at_once(act) for key in keys]
    with database.read() as connection:
        left = consents.find(connection, sub, "portal").api_scopes
        held = [found.api_scopes for key in written if (found := authorizations.live(connection, key, NOW))]
    assert all(left.issuperset(each or ()) for each in held)
    assert len(held) == len(written)


def test_a_yes_that_rests_on_a_consent_which_is_forgotten_is_revoked_or_never_written(database: Database) -> None:
    with database.write() as connection:
        sub = users.add(connection, username="ada", now=NOW).sub
        sid = sessions.start(connection, SignIn(sub, ("pwd",), 3600, 86400), NOW)[1].sid
        consents.remember(connection, sub, "portal", ("openid",), (), NOW)
        seen = consents.find(connection, sub, "portal").row

    def act(number: int) -> list[str]:
        keys = []
        for step in range(4):
            with database.write() as connection:
                if number == 0 and step == 1:
                    applications.withdraw(connection, sub, "portal", NOW)
                elif started := start(connection, replace(REQUEST, scope=("openid",)), sub, sid, consent=seen):
                    keys.append(started[0])
        return keys

    written = [key for keys in at_once(act) for key in keys]
    with database.write() as connection:
        assert [key for key in written if authorizations.live(connection, key, NOW)] == []
        assert start(connection, REQUEST, sub, sid, consent=seen) is None
        assert start(connection, REQUEST, sub, sid) is not None


def test_what_was_never_allowed_changes_nothing(database: Database) -> None:
    sub, _ = begun(database, EACH[:2])
    with database.write() as connection:
        for scope in ("email", EACH[5], "https://other.example.com#x"):
            assert not withdraw(connection, sub, scope)
        assert withdraw(connection, sub, "offline_access")
        remembered = consents.find(connection, sub, "portal")
    assert remembered == Remembered(frozenset({"openid"}), frozenset(), frozenset(EACH[:2]))


def test_a_consent_that_is_alone_loses_its_scope_too(database: Database) -> None:
    with database.write() as connection:
        sub = users.add(connection, username="bob", now=NOW).sub
        consents.remember(connection, sub, "portal", ("openid",), (API,), NOW)
        assert withdraw(connection, sub, EACH[0])
        assert consents.find(connection, sub, "portal").api_scopes == frozenset(EACH[1:])
