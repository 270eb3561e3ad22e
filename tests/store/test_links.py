"""Links and codes that are spent once, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from authserver.protocol.digest import digest
from authserver.store import addresses, links, users
from authserver.store.database import Database
from authserver.store.links import Kind, Link, Sent
from authserver.store.tables import links as table

NOW = 1_800_000_000
HOUR = 3600
BROWSER = digest("browser")


@pytest.fixture
def sub(database: Database) -> str:
    """Ada."""
    with database.write() as connection:
        return users.add(connection, username="ada", now=NOW).sub


def make(database: Database, sub: str | None = None, lifetime: int = HOUR) -> str:
    with database.write() as connection:
        return links.make(connection, "reset", "ada@example.com", NOW, lifetime, sub=sub, detail={"a": [1]})


def spend(database: Database, token: str, now: int = NOW) -> Link | None:
    with database.write() as connection:
        return links.spend(connection, "reset", token, now)


def make_page(database: Database, *, decoy: bool = False) -> Sent:
    with database.write() as connection:
        return links.make_with_page(connection, "sign_up", "x@example.com", NOW, HOUR, browser=BROWSER, decoy=decoy)


def type_code(database: Database, sent: Sent, code: str, browser: bytes = BROWSER, now: int = NOW) -> bool:
    with database.write() as connection:
        return links.spend_code(connection, sent.handle, browser, code, now) is not None


def test_a_link_is_found_again_and_again_and_spent_once(database: Database, sub: str) -> None:
    token = make(database, sub)
    for _ in range(2):
        with database.read() as connection:
            found = links.find(connection, "reset", token, NOW)
        assert found == Link("reset", sub, "ada@example.com", {"a": [1]}, None, NOW)
    assert spend(database, token) == found
    assert spend(database, token) is None


def test_of_sixteen_at_once_one_spends_a_link(database: Database, sub: str) -> None:
    token = make(database, sub)
    with ThreadPoolExecutor(16) as pool:
        spent = list(pool.map(lambda _: spend(database, token), range(16)))
    assert sum(each is not None for each in spent) == 1


def test_a_link_is_of_one_kind_and_ends(database: Database) -> None:
    token = make(database)
    with database.write() as connection:
        assert links.spend(connection, "invite", token, NOW) is None
    assert spend(database, token, NOW + HOUR) is None
    assert spend(database, token, NOW + HOUR - 1) is not None


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\0", "\ud800"])
def test_what_is_no_token_spends_nothing(database: Database, token: str) -> None:
    assert spend(database, token) is None


def test_a_newer_link_voids_the_older_of_that_person_alone(database: Database, sub: str) -> None:
    other = make(database)
    first, second = make(database, sub), make(database, sub)
    assert spend(database, first) is None
    assert spend(database, second) is not None
    assert spend(database, other) is not None


def test_a_newer_link_voids_none_of_another_kind(database: Database, sub: str) -> None:
    token = make(database, sub)
    with database.write() as connection:
        links.make(connection, "email", "new@example.com", NOW, HOUR, sub=sub)
    assert spend(database, token) is not None


@pytest.mark.parametrize("changed", ["password", "address"])
@pytest.mark.parametrize("kind", ["reset", "email", "prove", "invite", "sign_in"])
def test_a_new_password_or_address_voids_what_was_sent_before(
    database: Database, sub: str, kind: Kind, changed: str
) -> None:
    with database.write() as connection:
        token = links.make(connection, kind, "ada@example.com", NOW, HOUR, sub=sub)
        assert links.find(connection, kind, token, NOW) is not None
        if changed == "password":
            users.set_password(connection, sub, "hash", NOW)
        else:
            addresses.put(connection, sub, "new@example.com", NOW, is_verified=True)
        assert links.spend(connection, kind, token, NOW) is None


def test_the_table_holds_neither_token_nor_code_nor_handle(database: Database) -> None:
    sent = make_page(database)
    with database.read() as connection:
        row = connection.execute(select(table)).one()
    # Numbers are times, and among their digits there may be those of a code.
    stored = repr([value for value in row if not isinstance(value, int)])
    assert not any(secret in stored for secret in (sent.token, sent.code, sent.handle))
    assert row.code_digest != digest(sent.code)


def test_a_code_spends_its_link_too_in_the_browser_that_asked(database: Database) -> None:
    sent = make_page(database)
    assert not type_code(database, sent, sent.code, browser=digest("another"))
    assert not type_code(database, sent, sent.code, now=NOW + HOUR)
    assert type_code(database, sent, sent.code)
    assert not type_code(database, sent, sent.code)
    with database.write() as connection:
        assert links.spend(connection, "sign_up", sent.token, NOW) is None


def test_after_five_wrong_codes_the_right_one_is_wrong(database: Database) -> None:
    sent = make_page(database)
    assert not any(type_code(database, sent, "wrong") for _ in range(5))
    assert not type_code(database, sent, sent.code)


def test_a_code_that_was_asked_for_in_a_name_is_given_to_one_person_once(database: Database, sub: str) -> None:
    sent = make_page(database)

    def give(_: int) -> bool:
        with database.write() as connection:
            return links.give(connection, sent.handle, sub, "ada@example.com", NOW)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(give, range(8))) == 1
    with database.write() as connection:
        link = links.spend_code(connection, sent.handle, BROWSER, sent.code, NOW)
        assert link is not None
        assert (link.sub, link.email) == (sub, "ada@example.com")
        assert not links.give(connection, sent.handle, sub, "ada@example.com", NOW)
    late = make_page(database)
    with database.write() as connection:
        assert not links.give(connection, late.handle, sub, "ada@example.com", NOW + HOUR)


def test_of_many_codes_at_once_five_are_looked_at(database: Database) -> None:
    sent = make_page(database)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: type_code(database, sent, "wrong"), range(16)))
    with database.read() as connection:
        assert connection.execute(select(table.c.attempts)).scalar_one() == links.MOST_ATTEMPTS


def test_no_code_and_no_link_fits_a_decoy(database: Database) -> None:
    sent = make_page(database, decoy=True)
    with database.read() as connection:
        assert links.find_page(connection, sent.handle, BROWSER, NOW) is not None
        assert links.find(connection, "sign_up", sent.token, NOW) is None
    assert not type_code(database, sent, sent.code)


def test_of_two_that_want_it_sent_again_one_gets_it(database: Database) -> None:
    sent = make_page(database)

    def again(_: int) -> bool:
        with database.write() as connection:
            return links.spend_page(connection, sent.handle, BROWSER, NOW) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(again, range(8))) == 1


def test_expired_links_are_removed_in_batches(database: Database) -> None:
    for _ in range(3):
        make(database)
    with database.write() as connection:
        assert links.delete_expired(connection, NOW + HOUR - 1, 10) == 0
        assert links.delete_expired(connection, NOW + HOUR, 2) == 2
        assert links.delete_expired(connection, NOW + HOUR, 2) == 1
