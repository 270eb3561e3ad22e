"""What is accepted once, and what waits until somebody takes it, on both databases and in a race."""

from authserver.store import once, reset_requests
from authserver.store.database import Database
from authserver.store.reset_requests import ResetRequest
from tests.store.at_once import at_once

NOW = 1_800_000_000
ISSUER = "https://id.example.com"
REQUEST = ResetRequest("ada", "192.0.2.1", "r1")


def spend(database: Database, jti: str, issuer: str = ISSUER) -> bool:
    with database.write() as connection:
        return once.spend(connection, issuer, jti, NOW)


def test_of_sixteen_at_once_one_spends_an_id(database: Database) -> None:
    assert sorted(at_once(lambda _: spend(database, "x"))) == [False] * 15 + [True]


def test_an_id_is_of_one_issuer(database: Database) -> None:
    assert spend(database, "x")
    assert spend(database, "x", "https://other.example.com")
    assert not spend(database, "x")


def test_an_id_is_remembered_until_its_token_is_too_old(database: Database) -> None:
    assert spend(database, "x")
    with database.write() as connection:
        assert once.delete_expired(connection, NOW - 1, 10) == 0
    assert not spend(database, "x")
    with database.write() as connection:
        assert once.delete_expired(connection, NOW, 10) == 1
    assert spend(database, "x")


def test_of_sixteen_at_once_one_takes_a_request(database: Database) -> None:
    with database.write() as connection:
        key = reset_requests.add(connection, REQUEST, NOW)

    def take(_: int) -> ResetRequest | None:
        with database.write() as connection:
            return reset_requests.take(connection, key)

    taken = at_once(take)
    assert taken.count(REQUEST) == 1
    assert taken.count(None) == 15


def test_the_oldest_request_is_named_once_it_has_waited(database: Database) -> None:
    with database.write() as connection:
        first = reset_requests.add(connection, REQUEST, NOW)
        reset_requests.add(connection, REQUEST, NOW + 5)
    with database.read() as connection:
        assert reset_requests.waiting(connection, NOW - 1) is None
        assert reset_requests.waiting(connection, NOW + 5) == first
        assert reset_requests.waiting(connection, NOW + 5, past=first) == first + 1


def test_a_request_that_nobody_could_answer_for_a_day_is_forgotten(database: Database) -> None:
    with database.write() as connection:
        reset_requests.add(connection, REQUEST, NOW)
        assert reset_requests.delete_old(connection, NOW + reset_requests.OLD - 1, 10) == 0
        assert reset_requests.delete_old(connection, NOW + reset_requests.OLD, 10) == 1
