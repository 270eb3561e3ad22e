"""What somebody has allowed a client: theirs alone, and of that client alone."""

import pytest

from authserver.protocol.interaction import Remembered
from authserver.store import sessions, users
from authserver.store.allowed import consents, known
from authserver.store.database import Database
from authserver.store.sessions import SignIn
from tests.store.people import NOW

NOTHING = Remembered()


@pytest.fixture
def people(database: Database) -> tuple[str, str]:
    """Ada, who has allowed two clients something, and Bob, who has allowed one of them something else."""
    with database.write() as connection:
        ada, bob = (users.add(connection, username=name, now=NOW).sub for name in ("ada", "bob"))
        consents.remember(connection, ada, "portal", ("openid",), ("https://a.example.com",), NOW)
        consents.remember(connection, ada, "desk", ("profile",), (), NOW)
        consents.remember(connection, bob, "portal", ("email",), (), NOW)
    return ada, bob


def allowed(database: Database, sub: str, client_id: str) -> Remembered:
    with database.read() as connection:
        return consents.find(connection, sub, client_id)


def remembered(scope: str, *audiences: str) -> Remembered:
    return Remembered(frozenset({scope}), frozenset(audiences))


def test_each_consent_is_of_one_person_and_one_client(database: Database, people: tuple[str, str]) -> None:
    ada, bob = people
    assert allowed(database, ada, "portal") == remembered("openid", "https://a.example.com")
    assert allowed(database, ada, "desk") == remembered("profile")
    assert allowed(database, bob, "portal") == remembered("email")
    assert allowed(database, bob, "desk") == NOTHING


def test_what_is_forgotten_is_of_one_person_and_one_client(database: Database, people: tuple[str, str]) -> None:
    ada, bob = people
    with database.write() as connection:
        assert consents.forget(connection, ada, "portal")
        assert not consents.forget(connection, ada, "portal")
    assert allowed(database, ada, "portal") == NOTHING
    assert allowed(database, ada, "desk") == remembered("profile")
    assert allowed(database, bob, "portal") == remembered("email")


def test_with_a_session_comes_the_consent_of_its_own_person(database: Database, people: tuple[str, str]) -> None:
    ada, bob = people
    for sub, client_id, consent in (
        (ada, "portal", remembered("openid", "https://a.example.com")),
        (ada, "desk", remembered("profile")),
        (bob, "portal", remembered("email")),
        (bob, "desk", NOTHING),
    ):
        with database.write() as connection:
            cookie, session = sessions.start(connection, SignIn(sub, ("pwd",), 3600, 86400), NOW)
            assert known.find(connection, cookie, client_id, NOW) == known.Known(session, consent)
