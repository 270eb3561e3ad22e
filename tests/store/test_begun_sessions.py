"""A session that is begun and not complete: no look-up of a live session finds it, and nothing is granted under it."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, update

from authserver.store import begun_sessions, sessions, users
from authserver.store.allowed import known
from authserver.store.begun_sessions import BegunSession
from authserver.store.database import Database
from authserver.store.place import FIRST
from authserver.store.sessions import Session, SignIn, UpstreamSession
from authserver.store.tables import sessions as table
from authserver.store.upstream import upstream_sessions
from tests.store.people import NOW, try_authorization

OFFICE = UpstreamSession("office", "theirs")

Look = Callable[[Connection, str, Session | BegunSession], object]
# Every look-up by which anybody but sign-in comes to a live session, or acts under one.
LOOKS: dict[str, Look] = {
    "cookie": lambda connection, cookie, _: sessions.find(connection, cookie, NOW),
    "cookie, with the consent": lambda connection, cookie, _: known.find(connection, cookie, "portal", NOW),
    "sid": lambda connection, _, session: sessions.get(connection, session.sid, NOW),
    "person": lambda connection, _, session: sessions.of_person(connection, session.sub, NOW),
    "page": lambda connection, _, session: sessions.page(connection, session.sub, NOW, after=FIRST, most=9),
    "provider": lambda connection, _, session: upstream_sessions.of_upstream(
        connection, session.sub, "office", None, NOW, NOW
    ),
    "people of a provider": lambda connection, *_: upstream_sessions.people_of_upstream(
        connection, "office", "theirs", NOW
    ),
    "authorization": lambda connection, _, session: try_authorization(
        connection, session.sub, session.sid, offline=False
    ),
    "offline authorization": lambda connection, _, session: try_authorization(connection, session.sub, session.sid),
}


@pytest.fixture
def signing_in(database: Database) -> SignIn:
    with database.write() as connection:
        sub = users.add(connection, username="ada", now=NOW).sub
    return SignIn(sub, ("pwd",), 3600, 43200, auth_time=NOW, upstream=OFFICE)


@pytest.mark.parametrize("name", LOOKS)
def test_only_a_complete_session_is_found(database: Database, signing_in: SignIn, name: str) -> None:
    with database.write() as connection:
        assert not LOOKS[name](connection, *begun_sessions.begin(connection, signing_in, NOW))
        assert LOOKS[name](connection, *sessions.start(connection, signing_in, NOW))


def test_signing_in_again_does_not_complete_it(database: Database, signing_in: SignIn) -> None:
    with database.write() as connection:
        cookie, begun = begun_sessions.begin(connection, signing_in, NOW)
        taken_for_live: Session = begun  # type: ignore[assignment]  # The statement refuses it, too.
        renewed, session = sessions.renew(connection, taken_for_live, signing_in, NOW)
        assert session.sid != begun.sid
        assert sessions.find(connection, cookie, NOW) is None
        assert sessions.find(connection, renewed, NOW) == session
        connection.execute(update(table).where(table.c.sid == begun.sid).values(completed_at=NOW))
        assert sessions.find(connection, cookie, NOW) is None


def test_it_ends_with_all_sessions_of_its_person_and_is_counted_as_none(database: Database, signing_in: SignIn) -> None:
    with database.write() as connection:
        cookie, begun = begun_sessions.begin(connection, signing_in, NOW)
        assert sessions.end_all(connection, signing_in.sub, NOW) == {begun.sid: False}
        connection.execute(update(table).where(table.c.sid == begun.sid).values(completed_at=NOW))
        assert sessions.find(connection, cookie, NOW) is None


def test_only_one_that_is_not_complete_is_ended_as_such(database: Database, signing_in: SignIn) -> None:
    with database.write() as connection:
        complete, _ = sessions.start(connection, signing_in, NOW)
        begun, _ = begun_sessions.begin(connection, signing_in, NOW)
        assert [begun_sessions.end(connection, each, NOW) for each in (complete, begun, begun, "", "x" * 999)] == [
            *(False, True, False, False, False)
        ]
        assert sessions.find(connection, complete, NOW) is not None


def test_sign_in_alone_finds_it_and_only_while_it_would_be_live(database: Database, signing_in: SignIn) -> None:
    later = NOW + signing_in.idle
    with database.write() as connection:
        cookie, begun = begun_sessions.begin(connection, signing_in, NOW)
        complete, _ = sessions.start(connection, signing_in, NOW)
        assert begun == BegunSession(
            *(begun.sid, signing_in.sub, ("pwd",), signing_in.auth_time, signing_in.idle, signing_in.upstream),
            methods=("provider",),
        )
        assert begun_sessions.find(connection, cookie, later - 1) == begun
        assert begun_sessions.find(connection, cookie, later) is None
        assert [begun_sessions.find(connection, each, NOW) for each in (complete, "", "x" * 999)] == [None] * 3
        assert begun_sessions.end(connection, cookie, NOW)
        assert begun_sessions.find(connection, cookie, NOW) is None
