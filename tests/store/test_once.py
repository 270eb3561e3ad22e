"""What is accepted once, on both databases and in a race."""

from authserver.store import once
from authserver.store.database import Database
from tests.store.at_once import at_once

NOW = 1_800_000_000
ISSUER = "https://id.example.com"


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
