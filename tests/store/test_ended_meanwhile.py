"""What ends while authorizations are asked for: none is left that outlives it."""

from sqlalchemy import Connection

from authserver.store import sessions, users
from authserver.store.allowed import authorizations
from authserver.store.database import Database
from authserver.store.sessions import SignIn
from tests.store.at_once import at_once
from tests.store.people import NOW, try_authorization


def session_of_ada(connection: Connection) -> tuple[str, str]:
    """A person and their session."""
    sub = users.add(connection, username="ada", now=NOW).sub
    return sub, sessions.start(connection, SignIn(sub, ("pwd",), 3600, 86400), NOW)[1].sid


def test_a_new_password_amid_authorizations_leaves_none_that_holds(database: Database) -> None:
    with database.write() as connection:
        sub, sid = session_of_ada(connection)

    def act(number: int) -> list[str]:
        started = []
        for step in range(4):
            with database.write() as connection:
                if number == 0 and step == 1:
                    users.set_password(connection, sub, "another", NOW)
                elif key := try_authorization(connection, sub, sid):
                    started.append(key)
        return started

    keys = [key for started in at_once(act) for key in started]
    with database.write() as connection:
        assert [key for key in keys if authorizations.live(connection, key, NOW)] == []
        assert try_authorization(connection, sub, sid) is None


def test_a_session_gives_authorizations_to_its_own_person_alone(database: Database) -> None:
    with database.write() as connection:
        sub, sid = session_of_ada(connection)
        bob = users.add(connection, username="bob", now=NOW).sub
        assert try_authorization(connection, bob, sid) is None
        assert try_authorization(connection, sub, sid) is not None


def test_a_new_password_amid_sign_ins_with_the_old_one_leaves_no_session(database: Database) -> None:
    with database.write() as connection:
        sub = users.add(connection, username="ada", password_hash="old", now=NOW).sub

    def act(number: int) -> None:
        for step in range(4):
            with database.write() as connection:
                if number == 0 and step == 1:
                    users.set_password(connection, sub, "new", NOW)
                elif users.confirm(connection, sub, "old"):
                    sessions.start(connection, SignIn(sub, ("pwd",), 3600, 86400), NOW)

    at_once(act)
    with database.read() as connection:
        assert sessions.of_person(connection, sub, NOW) == []
