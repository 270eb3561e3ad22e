"""Of two who take a role from each other at once, neither finds the other still there."""

import pytest

from authserver.store import directory, users
from authserver.store.database import Database


def added(database: Database, *names: str) -> list[str]:
    with database.write() as connection:
        return [users.add(connection, username=name, roles=["admin"], now=1).sub for name in names]


def only_on_postgresql(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("of SQLite, one writes at a time")


def test_another_counts_who_was_given_it_and_is_not_disabled(database: Database) -> None:
    ada, bob = added(database, "ada", "bob")
    with database.write() as connection:
        assert directory.is_kept_by_another(connection, ada, ["admin"], [])
        assert not directory.is_kept_by_another(connection, ada, ["boss"], ["chiefs"])
        assert not directory.is_kept_by_another(connection, ada, [], [])
        users.disable(connection, bob, 2)
        assert not directory.is_kept_by_another(connection, ada, ["admin"], [])
        users.enable(connection, bob, 2)
        users.set_roles(connection, bob, [], 2)
        assert not directory.is_kept_by_another(connection, ada, ["admin"], [])
        directory.set_groups(connection, bob, ["chiefs"], 2)
        assert directory.is_kept_by_another(connection, ada, ["admin"], ["chiefs"])


def test_who_is_being_changed_at_this_moment_does_not_count(database: Database) -> None:
    only_on_postgresql(database)
    ada, bob = added(database, "ada", "bob")
    with database.write() as one, database.write() as other:
        assert directory.hold(one, ada, None)
        assert directory.hold(other, bob, None)
        assert not directory.is_kept_by_another(one, ada, ["admin"], [])
        assert not directory.is_kept_by_another(other, bob, ["admin"], [])


def test_several_may_rely_on_the_same_third(database: Database) -> None:
    only_on_postgresql(database)
    ada, bob, _ = added(database, "ada", "bob", "cy")
    with database.write() as one, database.write() as other:
        assert directory.hold(one, ada, None)
        assert directory.hold(other, bob, None)
        assert directory.is_kept_by_another(one, ada, ["admin"], [])
        assert directory.is_kept_by_another(other, bob, ["admin"], [])
