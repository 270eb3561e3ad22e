"""Whose an address is, in the store and through the migration, on both databases."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from structlog.testing import capture_logs

from authserver.protocol.person.email_address import email_fault
from authserver.store import addresses, directory, imports, users
from authserver.store.addresses import LoginError
from authserver.store.database import Database
from authserver.store.tables import deleted_subs
from authserver.store.upkeep import migrations
from tests.conftest import open_database
from tests.protocol.test_email_address import ONE_MAILBOX, TWO_MAILBOXES
from tests.store.at_once import CALLERS, at_once
from tests.store.people import NOW

ADDRESSABLE = [pair for pair in TWO_MAILBOXES if email_fault(pair[0]) is None]
CONTESTED = {"one": "ada@bücher.example", "two": "ada@xn--bcher-kva.example"}
# What an earlier release kept: folded by NFKC and casefold.
OLD = CONTESTED | {
    "sue": "sue@fass.example",
    "fay": "fay@faß.example",
    "eve": "eve@☃.example",
    "σοφοσ": None,
    "p\u0430ypal": "pay@example.com",
    "ᎠᎡ": "cher@example.com",
}


@pytest.mark.parametrize(("one", "another"), ADDRESSABLE)
def test_two_mailboxes_are_two_accounts_each_found_by_its_own_address(
    database: Database, one: str, another: str
) -> None:
    with database.write() as connection:
        first = users.add(connection, username="one", email=one, now=NOW)
        assert users.by_login(connection, another) is None
        second = users.add(connection, username="two", email=another, now=NOW)
        assert [users.by_email(connection, each) for each in (one, another)] == [first, second]
        assert [first.email, second.email] == [one, another]


@pytest.mark.parametrize(("one", "another"), ONE_MAILBOX)
def test_one_mailbox_is_one_account_in_every_spelling_and_kept_as_given(
    database: Database, one: str, another: str
) -> None:
    with database.write() as connection:
        ada = users.add(connection, username="ada", email=one, now=NOW)
        assert users.by_login(connection, f" {another} ") == ada
        assert ada.email == one
        bob = users.add(connection, username="bob", now=NOW)
        with pytest.raises(LoginError, match="taken"):
            users.add(connection, username="eve", email=another, now=NOW)
        with pytest.raises(LoginError, match="taken"):
            addresses.put(connection, bob.sub, another, NOW, is_verified=True)
        with pytest.raises(LoginError, match="belongs to another person"):
            imports.put(connection, {"username": "eve", "email": another}, (), NOW)


def test_of_many_that_take_one_address_in_many_spellings_one_gets_it(database: Database) -> None:
    def take(number: int) -> bool:
        try:
            with database.write() as connection:
                email = ("Ada@bücher.example", "ada@XN--bcher-kva.example")[number % 2]
                users.add(connection, username=f"ada{number}", email=email, now=NOW)
        except LoginError:
            return False
        return True

    assert sorted(at_once(take)) == [False] * (CALLERS - 1) + [True]


def test_an_address_is_verified_or_replaced_by_another_spelling_of_it(database: Database) -> None:
    with database.write() as connection:
        ada = users.add(connection, username="ada", email="Ada@example.com", now=NOW)
        for email, is_verified in (("Ada@example.com", True), ("Ada@example.com", False), ("ADA@example.com", True)):
            addresses.put(connection, ada.sub, email, NOW, is_verified=is_verified)
            found = users.get(connection, ada.sub)
            assert found is not None
            assert (found.email, found.email_verified) == (email, is_verified)
            assert users.by_email(connection, "ada@EXAMPLE.com") == found


def test_nobody_without_an_address_is_verified(database: Database) -> None:
    with database.write() as connection:
        with pytest.raises(LoginError, match="no email address"):
            users.add(connection, username="ada", email_verified=True, now=NOW)
        ada = users.add(connection, username="ada", email="ada@example.com", email_verified=True, now=NOW)
        with pytest.raises(LoginError, match="no email address"):
            addresses.put(connection, ada.sub, None, NOW, is_verified=True)


def test_a_sub_of_somebody_who_was_deleted_is_never_imported_again(database: Database) -> None:
    with database.write() as connection:
        ada = users.add(connection, username="ada", now=NOW)
        for _ in range(2):
            users.remove(connection, ada.sub, NOW)
        with pytest.raises(LoginError, match="never given again"):
            imports.put(connection, {"username": "ada", "sub": ada.sub}, ("user",), NOW)
        assert users.by_login(connection, "ada") is None
        assert imports.put(connection, {"username": "ada"}, (), NOW).sub != ada.sub


@pytest.fixture
def old(empty_database_url: str) -> Database:
    """A database of the release before, with people in it."""
    database = open_database(empty_database_url)
    with database.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(migrations.scripts()))
        command.upgrade(config, "0007")
        insert = text(
            "INSERT INTO users (sub, username, email, email_verified, created_at, updated_at) "
            "VALUES (:sub, :username, :email, true, 1, 1)"
        )
        for number, (username, email) in enumerate(OLD.items()):
            connection.execute(insert, {"sub": f"sub{number}", "username": username, "email": email})
        connection.execute(text("INSERT INTO user_roles (sub, role) SELECT sub, 'user' FROM users"))
        event = text("INSERT INTO events (at, name, sub, detail) VALUES (:at, 'user:account:deleted', :sub, '{}')")
        connection.execute(event, [{"at": 5, "sub": "gone"}, {"at": 7, "sub": "gone"}, {"at": 9, "sub": "sub1"}])
    return database


def logins(database: Database) -> Mapping[str, tuple[str | None, str]]:
    with database.read() as connection:
        return {user.username: (user.email, user.sub) for user in directory.everybody(connection)}


def test_the_migration_changes_no_login_and_no_role_and_reports_what_differs(old: Database) -> None:
    with capture_logs() as told:
        assert migrations.upgrade(old)
    assert {name: email for name, (email, _) in logins(old).items()} == OLD
    with old.read() as connection:
        assert all(user.roles == ("user",) and user.version == 1 for user in directory.everybody(connection))
        assert connection.execute(select(deleted_subs)).all() == [("gone", 7)]
    assert sorted((each["username"], each["finding"]) for each in told if each["event"] == "migration:login") == sorted(
        [
            ("one", "domain_compares_as"),
            ("fay", "domain_compares_as"),
            ("eve", "address_invalid"),
            ("σοφοσ", "username_spelled"),
            ("p\u0430ypal", "username_mixed"),
            ("ᎠᎡ", "username_mixed"),
            ("one", "address_contested"),
            ("two", "address_contested"),
        ]
    )
    old.engine.dispose()


def test_after_it_everybody_is_found_by_what_is_theirs_and_nobody_by_what_is_another_s(old: Database) -> None:
    migrations.upgrade(old)
    with old.read() as connection:
        for username, email in OLD.items():
            found = users.by_login(connection, username)
            assert found is not None
            assert (found.username, found.email) == (username, email)
            if email is not None and username not in CONTESTED:
                assert users.by_login(connection, email) == found
        assert users.by_login(connection, "fay@fass.example") is None
        assert users.by_login(connection, "sue@faß.example") is None
        for email in CONTESTED.values():
            assert users.by_login(connection, email) is None
    old.engine.dispose()


@pytest.mark.parametrize("how", ["another address", "no address", "deleted"])
def test_a_contested_address_is_nobody_s_until_one_of_the_two_has_another(old: Database, how: str) -> None:
    migrations.upgrade(old)
    one, two = (logins(old)[name][1] for name in CONTESTED)
    with old.write() as connection:
        for email in (*CONTESTED.values(), "ADA@Bücher.example"):
            with pytest.raises(LoginError, match="taken"):
                users.add(connection, username="third", email=email, now=NOW)
            with pytest.raises(LoginError, match="belongs to another person"):
                imports.put(connection, {"username": "third", "email": email}, (), NOW)
        assert addresses.contested(connection) == {one, two}
        named = directory.everybody(connection, directory.PeopleFilter(login="ada@bücher.example"))
        assert {user.sub for user in named} == {one, two}
        addresses.put(connection, one, CONTESTED["one"], NOW, is_verified=True)
        assert addresses.contested(connection) == {one, two}
        if how == "deleted":
            users.remove(connection, one, NOW)
        else:
            moved = "ada@example.com" if how == "another address" else None
            addresses.put(connection, one, moved, NOW, is_verified=False)
        assert addresses.contested(connection) == set()
        for email in CONTESTED.values():
            found = users.by_email(connection, email)
            assert found is not None
            assert (found.sub, found.email) == (two, CONTESTED["two"])
    old.engine.dispose()


def test_a_login_is_looked_up_in_one_statement_by_an_index(sqlite_template: Path) -> None:
    database = open_database(f"sqlite:///{sqlite_template}")
    with database.read() as connection:
        for statement in (users._BY_EMAIL, users._BY_USERNAME):
            asked = statement.compiled(connection)
            given = {**asked.constants, "key": "x", "exact": "X"}
            values = tuple(given[name] for name in asked.order or ())
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.sql}", values)]
            (found,) = (line for line in plan if " users " in line)
            assert found.startswith("SEARCH users USING INDEX"), plan
    database.engine.dispose()
