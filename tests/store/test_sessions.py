"""Signed-in browsers in the store, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from authserver.store import session_use, sessions, users
from authserver.store.allowed import authorizations
from authserver.store.database import Database
from authserver.store.sessions import Session, SignIn
from authserver.store.tables import sessions as table
from tests.store.people import NOW, start_authorization

IDLE, LIFETIME = 3600, 43200


@pytest.fixture
def ada(database: Database) -> str:
    with database.write() as connection:
        return users.add(connection, username="ada", now=NOW).sub


@pytest.fixture
def bob(database: Database) -> str:
    with database.write() as connection:
        return users.add(connection, username="bob", now=NOW).sub


def by(sub: str) -> SignIn:
    return SignIn(sub, ("pwd",), IDLE, LIFETIME, "Browser/1.0", "192.0.2.1")


def start(database: Database, sub: str, now: int = NOW) -> tuple[str, Session]:
    with database.write() as connection:
        return sessions.start(connection, by(sub), now)


def find(database: Database, cookie: str, now: int) -> Session | None:
    with database.read() as connection:
        return sessions.find(connection, cookie, now)


def test_a_session_is_found_by_its_cookie(database: Database, ada: str) -> None:
    cookie, session = start(database, ada)
    assert find(database, cookie, NOW) == session
    assert (session.sub, session.auth_time, session.amr) == (ada, NOW, ("pwd",))
    assert len(cookie) == 43


def test_the_cookie_is_stored_nowhere(database: Database, ada: str) -> None:
    cookie, session = start(database, ada)
    with database.read() as connection:
        row = connection.execute(select(table)).one()
    assert cookie not in str(row)
    assert cookie.encode() not in row.digest
    assert find(database, session.sid, NOW) is None
    assert find(database, row.digest.hex(), NOW) is None


@pytest.mark.parametrize("cookie", ["", "x", "\0", "\ud800", "é" * 43, "x" * 100_000])
def test_a_cookie_of_nobody_finds_nothing(database: Database, ada: str, cookie: str) -> None:
    start(database, ada)
    assert find(database, cookie, NOW) is None


def test_a_session_ends_when_it_is_idle_too_long(database: Database, ada: str) -> None:
    cookie, _ = start(database, ada)
    assert find(database, cookie, NOW + IDLE - 1)
    assert find(database, cookie, NOW + IDLE) is None


def test_a_used_session_outlives_its_idle_time_but_not_its_absolute_time(database: Database, ada: str) -> None:
    cookie, session = start(database, ada)
    for now in range(NOW, NOW + LIFETIME, IDLE - 1):
        assert find(database, cookie, now)
        with database.write() as connection:
            session_use.touch(connection, session.sid, session.idle, now)
    assert find(database, cookie, NOW + LIFETIME - 1)
    assert find(database, cookie, NOW + LIFETIME) is None


def test_use_is_written_at_most_once_a_minute(database: Database, ada: str) -> None:
    cookie, session = start(database, ada)
    for now, seen in ((NOW + 59, NOW), (NOW + 60, NOW + 60), (NOW + 100, NOW + 60), (NOW + 120, NOW + 120)):
        with database.write() as connection:
            session_use.touch(connection, session.sid, session.idle, now)
        found = find(database, cookie, now)
        assert found is not None
        assert found.last_seen_at == seen
    assert not session_use.is_due(session.last_seen_at, session.idle, NOW + 59)
    assert session_use.is_due(session.last_seen_at, session.idle, NOW + 60)


@pytest.mark.parametrize("idle", [60, 61, 119, 120, 300, IDLE])
def test_a_session_in_use_never_falls_idle_however_short_its_idle_time(database: Database, ada: str, idle: int) -> None:
    with database.write() as connection:
        cookie, session = sessions.start(connection, replace(by(ada), idle=idle), NOW)
    for now in range(NOW, NOW + 4 * idle, idle // 6 * 5):
        assert find(database, cookie, now)
        with database.write() as connection:
            session_use.touch(connection, session.sid, idle, now)
    assert find(database, cookie, now + idle) is None


def test_the_same_person_keeps_the_sid_under_a_new_cookie(database: Database, ada: str) -> None:
    old_cookie, old = start(database, ada)
    with database.write() as connection:
        authorization = start_authorization(connection, ada, old.sid, offline=False)
        cookie, session = sessions.renew(connection, old, by(ada), NOW + 10)
    assert cookie != old_cookie
    assert find(database, old_cookie, NOW + 10) is None
    assert find(database, cookie, NOW + 10) == session
    assert (session.sid, session.auth_time, session.created_at) == (old.sid, NOW + 10, NOW)
    assert session.expires_at == NOW + 10 + LIFETIME
    with database.read() as connection:
        assert authorizations.live(connection, authorization, NOW + 10)


def test_another_person_ends_the_session_and_begins_one(database: Database, ada: str, bob: str) -> None:
    old_cookie, old = start(database, ada)
    with database.write() as connection:
        authorization = start_authorization(connection, ada, old.sid, offline=False)
        cookie, session = sessions.renew(connection, old, by(bob), NOW + 10)
    assert session.sid != old.sid
    assert session.sub == bob
    assert find(database, old_cookie, NOW + 10) is None
    assert find(database, cookie, NOW + 10) == session
    with database.read() as connection:
        assert authorizations.live(connection, authorization, NOW + 10) is None


def test_a_session_that_ended_meanwhile_is_not_brought_back(database: Database, ada: str) -> None:
    _, old = start(database, ada)
    with database.write() as connection:
        sessions.end(connection, old.sid, NOW + 1)
        _, session = sessions.renew(connection, old, by(ada), NOW + 2)
    assert session.sid != old.sid


def test_of_many_renewals_at_once_one_cookie_stays_good(database: Database, ada: str) -> None:
    _, old = start(database, ada)

    def renew(_: int) -> str:
        with database.write() as connection:
            return sessions.renew(connection, old, by(ada), NOW + 1)[0]

    with ThreadPoolExecutor(16) as pool:
        cookies = list(pool.map(renew, range(16)))
    assert sum(find(database, cookie, NOW + 1) is not None for cookie in cookies) == 1


def test_an_ended_session_takes_its_authorizations_along_except_offline_ones(database: Database, ada: str) -> None:
    cookie, session = start(database, ada)
    _, other = start(database, ada)
    with database.write() as connection:
        bound = start_authorization(connection, ada, session.sid, offline=False)
        offline = start_authorization(connection, ada, session.sid, offline=True)
        elsewhere = start_authorization(connection, ada, other.sid, offline=False)
    with database.write() as connection:
        assert sessions.end(connection, session.sid, NOW + 1)
        assert not sessions.end(connection, session.sid, NOW + 2)
    assert find(database, cookie, NOW + 1) is None
    with database.read() as connection:
        assert authorizations.live(connection, bound, NOW + 1) is None
        assert authorizations.live(connection, offline, NOW + 1)
        assert authorizations.live(connection, elsewhere, NOW + 1)


def test_a_person_s_live_sessions_are_listed_last_seen_first(database: Database, ada: str, bob: str) -> None:
    _, first = start(database, ada, NOW)
    _, second = start(database, ada, NOW + 5)
    _, ended = start(database, ada, NOW + 6)
    start(database, bob)
    with database.write() as connection:
        sessions.end(connection, ended.sid, NOW + 6)
        assert sessions.of_person(connection, ada, NOW + 7) == [second, first]
        assert sessions.end_all(connection, ada, NOW + 7) == {first.sid: True, second.sid: True}
        assert sessions.of_person(connection, ada, NOW + 7) == []


def test_what_had_ended_by_itself_is_not_counted_as_ended(database: Database, ada: str) -> None:
    _, old = start(database, ada, NOW)
    with database.write() as connection:
        assert sessions.end_all(connection, ada, old.expires_at) == {old.sid: False}


def test_old_sessions_are_removed_in_batches_and_live_ones_stay(database: Database, ada: str) -> None:
    day_later = NOW + sessions.KEPT_AFTER_END
    for _ in range(3):
        _, session = start(database, ada)
        with database.write() as connection:
            sessions.end(connection, session.sid, NOW)
    cookie, live = start(database, ada, day_later)
    with database.write() as connection:
        assert sessions.delete_expired(connection, day_later - 1, 10) == 0
        assert sessions.delete_expired(connection, day_later, 2) == 2
        assert sessions.delete_expired(connection, day_later, 2) == 1
    assert find(database, cookie, day_later) == live


def test_a_user_agent_is_shortened_and_cleaned(database: Database, ada: str) -> None:
    with database.write() as connection:
        _, session = sessions.start(connection, SignIn(ada, ("pwd",), 1, 1, "a\0b\n" + "x" * 1000), NOW)
    assert session.user_agent == "ab" + "x" * 296
