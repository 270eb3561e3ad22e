"""PostgreSQL gets the indexes of a release while the release before it writes."""

from collections.abc import Iterator
from threading import Thread

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from authserver.store.database import Database
from authserver.store.upkeep import migrations
from tests.conftest import open_database
from tests.patience import PATIENCE, eventually
from tests.postgresql import created
from tests.store.upgrade import upgrade

_BUILDING = text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'")
_VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = CAST(:name AS regclass)")
_NAME = "ix_user_roles_role_sub"
_PERSON = "INSERT INTO users (sub, username, email_verified, created_at, updated_at) VALUES ('{0}', '{0}', false, 1, 1)"


@pytest.fixture
def older(postgresql: str) -> Iterator[tuple[Database, str]]:
    """A database of the release before these indexes, and its URL."""
    url = created(postgresql)
    database = open_database(url)
    with database.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(migrations.scripts()))
        command.upgrade(config, "0017")
        connection.execute(text(_PERSON.format("ada")))
    yield database, url
    database.engine.dispose()


def valid(database: Database) -> bool:
    with database.read() as connection:
        return bool(connection.scalar(_VALID, {"name": _NAME}))


def test_nobody_waits_to_write_while_an_index_waits_for_a_transaction(older: tuple[Database, str]) -> None:
    database, url = older
    with database.write() as slow:
        slow.execute(text("INSERT INTO user_roles (sub, role) VALUES ('ada', 'user')"))
        upgrading = Thread(target=upgrade, args=(url,))
        upgrading.start()
        eventually(lambda: _building(database))
        with database.write() as other:
            other.execute(text("SET LOCAL lock_timeout = '10s'"))
            other.execute(text(_PERSON.format("bob")))
            other.execute(text("INSERT INTO user_roles (sub, role) VALUES ('bob', 'user')"))
    upgrading.join(PATIENCE)
    assert migrations.schema(database).is_current
    assert valid(database)


def test_an_index_that_was_left_unfinished_is_made_anew(older: tuple[Database, str]) -> None:
    database, url = older
    with database.write() as connection:
        connection.execute(
            text("INSERT INTO user_roles (sub, role, source) VALUES ('ada', 'a', '1'), ('ada', 'a', '2')")
        )
    with database.read() as connection, pytest.raises(Exception, match="could not create unique index"):
        connection.execute(text(f"CREATE UNIQUE INDEX CONCURRENTLY {_NAME} ON user_roles (role, sub)"))
    assert not valid(database)
    assert upgrade(url)
    assert valid(database)


def _building(database: Database) -> bool:
    with database.read() as connection:
        return bool(connection.scalar(_BUILDING))
