"""Which schemas a release can work on, and that a migration only adds to what the release before works on."""

import re
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from authserver.store.database import Database
from authserver.store.upkeep import migrations
from authserver.store.upkeep.schema import Schema
from tests.conftest import open_database

FIRST_WITH_POLICY = "0012"
Columns = dict[tuple[str, str], dict[str, Any]]


def say(database: Database, revision: str, works_from: str | None) -> None:
    """As a newer release would leave it."""
    with database.write() as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = :revision, release = '9.8.7', works_from = :works_from"),
            {"revision": revision, "works_from": works_from},
        )


@pytest.fixture
def own(empty_database_url: str) -> Any:
    """A database whose schema a test may change."""
    database = open_database(empty_database_url)
    migrations.upgrade(database)
    yield database
    database.engine.dispose()


def test_a_database_says_which_release_made_it_and_who_can_work_on_it(own: Database) -> None:
    found = migrations.schema(own)
    assert found.is_current
    assert found.is_workable
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", str(found.release))
    assert found.works_from is not None
    assert FIRST_WITH_POLICY <= found.works_from <= found.known


def test_a_newer_schema_that_only_adds_is_left_as_it_is_and_worked_on(own: Database) -> None:
    say(own, "9000", migrations.head())
    assert not migrations.upgrade(own)
    migrations.require(own)
    assert migrations.schema(own).revision == "9000"
    assert migrations.pending(migrations.schema(own)) == []


@pytest.mark.parametrize("works_from", ["9000", None])
def test_a_newer_schema_that_takes_away_is_refused_with_the_release_that_is_needed(
    own: Database, works_from: str | None
) -> None:
    say(own, "9000", works_from)
    for refused in (migrations.upgrade, migrations.require):
        with pytest.raises(
            migrations.SchemaError, match=r"at revision 9000, .*install release 9\.8\.7 or a newer one$"
        ):
            refused(own)


def test_a_database_of_another_program_is_told_from_a_newer_one(own: Database) -> None:
    say(own, "3fa2c0ffee11", None)
    with pytest.raises(migrations.SchemaError, match="no release of authserver makes: does AUTHSERVER_DATABASE_URL"):
        migrations.upgrade(own)


def test_a_database_before_its_upgrade_is_not_worked_on() -> None:
    assert not Schema("0014", "0012", "1.0.0", "0012").is_workable
    assert not Schema("0013").is_workable
    assert "authserver db upgrade" in str(Schema("0013", "0012").fault("1.0.0"))


def columns(connection: Connection) -> Columns:
    """Every column by table and name, with what could refuse a row."""
    found = inspect(connection)
    return {
        (table, column["name"]): {
            "type": str(column["type"]),
            "refuses_null": not column["nullable"],
            "default": column["default"] is not None,
        }
        for table in found.get_table_names()
        for column in found.get_columns(table)
    }


def unique(connection: Connection) -> set[tuple[str, ...]]:
    """What may not be there twice."""
    found, keys = inspect(connection), set[tuple[str, ...]]()
    for table in found.get_table_names():
        keys |= {(table, *sorted(each["column_names"])) for each in found.get_unique_constraints(table)}
        indexes = [index for index in found.get_indexes(table) if index["unique"]]
        keys |= {(table, *sorted(str(name) for name in index["column_names"])) for index in indexes}
    return keys


def taken_away(before: Columns, after: Columns) -> list[str]:
    """What code that knows `before` would miss, or be refused for, in `after`."""
    tables = {table for table, _ in before}
    faults = [f"{'.'.join(key)} is gone or another" for key in before if not _takes(after.get(key), before[key])]
    faults += [
        f"{'.'.join(key)} must be given"
        for key, column in after.items()
        if key not in before and key[0] in tables and column["refuses_null"] and not column["default"]
    ]
    return faults


def _takes(now: dict[str, Any] | None, before: dict[str, Any]) -> bool:
    return now is not None and now["type"] == before["type"] and now["refuses_null"] <= before["refuses_null"]


def revisions() -> list[str]:
    return sorted(path.name.split("_", 1)[0] for path in migrations.scripts().glob("versions/[0-9]*_*.py"))


def migrate(connection: Connection, revision: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations.scripts()))
    command.upgrade(config, revision)


def test_every_migration_adds_or_says_from_where_code_works_on_it(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    found = ScriptDirectory(str(migrations.scripts()))
    with database.write() as connection:
        migrate(connection, FIRST_WITH_POLICY)
    for revision in [each for each in revisions() if each > FIRST_WITH_POLICY]:
        with database.write() as connection:
            before, once = columns(connection), unique(connection)
            migrate(connection, revision)
            tables = {table for table, _ in before}
            script = found.get_revision(revision)
            if getattr(script.module, "WORKS_FROM", None) is None:
                assert taken_away(before, columns(connection)) == [], revision
                assert {each for each in unique(connection) - once if each[0] in tables} == set(), revision
    database.engine.dispose()


@pytest.mark.parametrize(
    "contraction",
    ["ALTER TABLE sessions DROP COLUMN acr", "ALTER TABLE sessions ADD COLUMN z INTEGER NOT NULL", "DROP TABLE links"],
)
def test_what_takes_away_is_noticed(own: Database, contraction: str) -> None:
    if own.engine.dialect.name == "sqlite" and "NOT NULL" in contraction:
        pytest.skip("SQLite adds no such column")
    with own.write() as connection:
        before = columns(connection)
        connection.execute(text(contraction))
        assert taken_away(before, columns(connection)) != []
