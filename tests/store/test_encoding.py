"""PostgreSQL keeps texts in the encoding of its database, and in any but UTF8 it cannot keep every name."""

import psycopg
import pytest

from authserver.doctor.database import database as examined
from authserver.store import users
from authserver.store.upkeep import migrations
from tests.conftest import open_database

NOW = 1_800_000_000
NARROW = ["SQL_ASCII", "LATIN1"]


def made(server: str, encoding: str, name: str) -> str:
    """The URL of a new database with this encoding."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0".encode()
        )
    return server.replace("/postgres?", f"/{name}?")


@pytest.mark.parametrize("encoding", NARROW)
def test_a_new_database_of_another_encoding_is_refused_with_what_to_do(postgresql: str, encoding: str) -> None:
    database = open_database(made(postgresql, encoding, f"new_{encoding.lower()}"))
    with pytest.raises(migrations.SchemaError, match=f"has the encoding {encoding}, .* ENCODING 'UTF8'"):
        migrations.upgrade(database)
    assert migrations.schema(database).revision is None
    database.engine.dispose()


@pytest.mark.parametrize("encoding", NARROW)
def test_one_that_is_there_goes_on_and_doctor_says_so(
    postgresql: str, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    database = open_database(made(postgresql, encoding, f"old_{encoding.lower()}"))
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "WIDE", encoding)
        migrations.upgrade(database)
    # Another encoding of the environment is not ours.
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    database.engine.dispose()
    with database.write() as connection:
        users.add(connection, username="ada", name="Renée", now=NOW)
    with database.read() as connection:
        found = users.by_login(connection, "ada")
    assert found is not None
    assert found.name == "Renée"
    faults = [each.found for each in examined(database, NOW, 1) if each.level == "fault"]
    assert faults == [f"its encoding is {encoding}, in which not every name can be kept"]
    database.engine.dispose()
