"""Everything that is kept about a person is in the file that they can ask for (GDPR Article 15)."""

import json
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table, insert

from authserver.people import data_of
from authserver.store import users
from authserver.store.allowed.tables import BY_DEVICE
from authserver.store.database import Database
from authserver.store.tables import metadata
from tests.store.people import NOW

SECRET = "something-secret"
SECRETS = {
    "password_hash",
    "code_digest",
    "digest",
    "sealed",
    "sealed_tokens",
    "upstream_id_token",
    "browser",
    "handle",
}
SET = {
    "requested_by": BY_DEVICE,
    "source": "admin",
    "detail": "{}",
    "api_scopes": "",
    "methods": "pwd",
    "kind": "reset",
}
# What would make it another kind of row, or one that is over.
LEFT_OUT = {"redirect_uri", "redirect_uri_given", "ended_at", "revoked_at", "code_expires_at", "code_redeemed_at"}
# Of people who are gone nothing else is left; everybody else is in `account`, with which each test begins.
NOT_OF_A_PERSON = {"deleted_subs", "users"}
TABLES = [table for table in metadata.sorted_tables if "sub" in table.c and table.name not in NOT_OF_A_PERSON]


def filled(table: Table, sub: str) -> dict[str, Any]:
    """A row of this person with a value in every column that may have one."""
    row = {column.name: value(column, sub) for column in table.c if column.name not in LEFT_OUT}
    return {name: each for name, each in row.items() if each is not None}


def value(column: Column[Any], sub: str) -> Any:
    if column.name == "sub":
        return sub
    if column.name in SET:
        return SET[column.name]
    if isinstance(column.type, LargeBinary):
        return None if column.name == "code_digest" else SECRET.encode()
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, BigInteger | Integer):
        return NOW + 1000
    return (SECRET if column.name in SECRETS else column.name)[: getattr(column.type, "length", None)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_row_of_every_table_of_people_is_in_it_without_secrets(database: Database, table: Table) -> None:
    with database.write() as connection:
        ada = users.add(connection, username="ada", password_hash=SECRET, now=1)
        bob = users.add(connection, username="bob", now=1)
        before = json.dumps(data_of(connection, ada, NOW))
        bobs = json.dumps(data_of(connection, bob, NOW))
        connection.execute(insert(table).values(filled(table, ada.sub)))
        again = users.get(connection, ada.sub)
        assert again is not None
        after = json.dumps(data_of(connection, again, NOW))
        assert json.dumps(data_of(connection, bob, NOW)) == bobs
    assert after != before
    assert SECRET not in after
