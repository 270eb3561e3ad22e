"""Browsers that a person has signed in with before, on both databases."""

import pytest
from sqlalchemy import select

from authserver.store import devices, users
from authserver.store.database import Database
from authserver.store.tables import devices as table

NOW = 1_800_000_000
DAY = 86400


@pytest.fixture
def subs(database: Database) -> tuple[str, str]:
    """Ada and Bob."""
    with database.write() as connection:
        ada, bob = (users.add(connection, username=name, now=NOW).sub for name in ("ada", "bob"))
    return ada, bob


def remember(database: Database, cookie: str | None, sub: str, now: int = NOW) -> str:
    with database.write() as connection:
        return devices.remember(connection, cookie, sub, now, DAY)


def is_known(database: Database, cookie: str | None, sub: str, now: int = NOW) -> bool:
    with database.read() as connection:
        return devices.is_known(connection, cookie, sub, now)


def test_a_browser_is_known_to_each_person_for_itself(database: Database, subs: tuple[str, str]) -> None:
    ada, bob = subs
    cookie = remember(database, None, ada)
    assert is_known(database, cookie, ada)
    assert not is_known(database, cookie, bob)
    assert remember(database, cookie, bob) == cookie
    assert is_known(database, cookie, bob)


@pytest.mark.parametrize("planted", ["planted", "x" * 5000, "", "\0"])
def test_a_planted_cookie_is_not_adopted(database: Database, subs: tuple[str, str], planted: str) -> None:
    assert remember(database, planted, subs[0]) != planted
    assert not is_known(database, planted, subs[0])


def test_a_browser_is_forgotten_unless_it_is_used(database: Database, subs: tuple[str, str]) -> None:
    ada, _ = subs
    cookie = remember(database, None, ada)
    assert is_known(database, cookie, ada, NOW + DAY - 1)
    assert not is_known(database, cookie, ada, NOW + DAY)
    remember(database, cookie, ada, NOW + DAY - 1)
    with database.write() as connection:
        assert devices.delete_expired(connection, NOW + DAY, 10) == 0
        assert devices.delete_expired(connection, NOW + 2 * DAY, 10) == 1
    assert not is_known(database, cookie, ada)


def test_the_table_does_not_hold_the_cookie_and_goes_with_its_person(database: Database, subs: tuple[str, str]) -> None:
    cookie = remember(database, None, subs[0])
    with database.write() as connection:
        assert cookie not in repr(connection.execute(select(table)).all())
        users.remove(connection, subs[0], NOW)
        assert connection.execute(select(table)).all() == []
