"""Everything that lies sealed in the database follows to the new master key, on both databases."""

import pytest
from sqlalchemy import Column, LargeBinary, Table, insert, select, update

from authserver.keys.change import Resealed, change_master_key
from authserver.master_key import MasterKey, new_key
from authserver.store import users
from authserver.store.database import Database
from authserver.store.factors.tables import totp
from authserver.store.live_files.tables import live_files
from authserver.store.tables import (
    federation_attempts,
    identities,
    jobs,
    kept_secrets,
    metadata,
    pictures,
    sessions,
    signing_keys,
)
from authserver.store.upkeep import sealed
from authserver.store.upkeep.left import outbox
from authserver.store.upkeep.sealed import PRIVATE_KEY, SEALED
from tests.keys.conftest import T0

OLD, NEW, LOST = new_key(), new_key(), new_key()
old, new, lost = (MasterKey([key], "a test") for key in (OLD, NEW, LOST))
both = MasterKey([NEW, OLD], "a test")
# The least that Fernet makes of nothing: a version, a time, an IV, a block and an HMAC, in base64.
SHORTEST = len(old.seal(b""))


def _fill(database: Database, master: MasterKey, number: int = 0) -> None:
    """A row of every table that holds something sealed."""
    key, seen = str(number).encode().ljust(32), {"created_at": T0, "expires_at": T0 + 60}
    with database.write() as connection:
        sub = users.add(connection, username=f"person{number}", now=T0).sub
        rows: dict[Table, dict[str, object]] = {
            signing_keys: {"kid": f"k{number}", "alg": "RS256", "generation": number, "created_at": T0}
            | {"active_from": T0, "private_key": master.seal(b"private_key")},
            sessions: seen
            | {"digest": key, "sid": f"s{number}", "sub": sub, "auth_time": T0, "amr": "pwd", "last_seen_at": T0}
            | {"idle": 60, "upstream_id_token": master.seal(b"upstream_id_token")},
            identities: {"issuer": "https://id.example.com", "subject": str(number), "sub": sub, "provider": "work"}
            | {"created_at": T0, "last_used_at": T0, "sealed_tokens": master.seal(b"sealed_tokens")},
            federation_attempts: seen
            | {"digest": key, "browser": key, "provider": "work", "purpose": "link", "sealed": master.seal(b"sealed")},
            totp: {"id": f"t{number}", "sub": sub, "name": "Phone", "last_step": 1, "created_at": T0}
            | {"sealed": master.seal(b"sealed")},
            kept_secrets: {"name": f"secret{number}", "sealed": master.seal(b"sealed")},
            live_files: {"number": number, "digest": key, "version": "v", "live_at": T0, "who": "ada", "node": "one"}
            | {"way": "start", "sealed": master.seal(b"sealed")},
            jobs: {"kind": "mail", "destination": "", "about": "{}", "created_at": T0, "due_at": T0}
            | {"attempts": 0, "sealed": master.seal(b"sealed")},
            outbox: {"kind": "reset", "to_address": "ada@example.com", "created_at": T0, "next_at": T0}
            | {"attempts": 0, "sealed": master.seal(b"sealed")},
        }
        for table, row in rows.items():
            connection.execute(insert(table), row)


def _values(database: Database, column: Column[bytes]) -> list[bytes]:
    with database.read() as connection:
        return list(connection.scalars(select(column).order_by(*column.table.primary_key.columns)))


def test_no_column_that_can_hold_something_sealed_is_forgotten() -> None:
    found = {
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and (column.type.length or SHORTEST) >= SHORTEST
    }
    # Pictures are shown to whoever has their address.
    assert found - {pictures.c.content} == set(SEALED)


def test_afterwards_the_new_key_alone_opens_everything(database: Database) -> None:
    _fill(database, old)
    counts = change_master_key(database, both)
    assert counts == {column.table.name: Resealed(total=1, changed=1) for column in SEALED}
    for column in SEALED:
        assert [new.unseal(value) for value in _values(database, column)] == [column.name.encode()]
    again = change_master_key(database, both)
    assert again == {column.table.name: Resealed(total=1) for column in SEALED}


def test_what_is_empty_or_absent_stays_so(database: Database) -> None:
    _fill(database, old)
    with database.write() as connection:
        for column in SEALED:
            connection.execute(update(column.table).values({column: None if column.nullable else b""}))
    assert set(change_master_key(database, both).values()) == {Resealed()}
    assert [value for column in SEALED for value in _values(database, column) if value] == []


def test_what_no_key_opens_is_left_and_counted_and_stops_nothing_else(database: Database) -> None:
    _fill(database, lost)
    with database.write() as connection:
        connection.execute(update(signing_keys).values(private_key=old.seal(b"private_key")))
    _fill(database, old, 1)
    counts = change_master_key(database, both)
    assert counts.pop("signing_keys") == Resealed(total=2, changed=2)
    assert set(counts.values()) == {Resealed(total=2, changed=1, unreadable=1)}
    for column in SEALED[1:]:
        assert sorted(lost.try_unseal(value) is None for value in _values(database, column)) == [False, True]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_batches_go_on_where_the_last_one_ended(
    database: Database, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "BATCH", 2)
    for number in range(count):
        _fill(database, old, number)
    counts = change_master_key(database, both)
    assert set(counts.values()) == {Resealed(total=count, changed=count)}
    assert all(new.try_unseal(value) for column in SEALED for value in _values(database, column))


def test_a_value_that_somebody_replaced_meanwhile_is_not_overwritten(database: Database) -> None:
    _fill(database, old)

    def revoked_meanwhile(value: bytes) -> bytes:
        connection.execute(update(signing_keys).values(private_key=b""))
        return both.seal(old.unseal(value))

    with database.write() as connection:
        sealed.reseal(connection, PRIVATE_KEY, revoked_meanwhile)
    assert _values(database, PRIVATE_KEY) == [b""]
