"""The moves of signing keys on both databases, races included."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from authserver.keys import Keys
from authserver.keys.life import Begins
from authserver.master_key import MasterKey, new_key
from authserver.store import keys as store
from authserver.store.database import Database
from authserver.store.keys import SigningKey
from tests.conftest import make_settings, open_database
from tests.keys.moves import publish, revoke, rotate

T0 = 1_800_000_000
MASTER = MasterKey([new_key()], "a test")
SETTINGS = make_settings(issuer="https://sso.example.com")


def _row(kid: str, generation: int, active_from: int = T0, alg: str = "RS256") -> SigningKey:
    return SigningKey(kid, alg, generation, b"sealed", T0, active_from)


def _load(database: Database) -> tuple[SigningKey, ...]:
    with database.read() as connection:
        return store.load(connection)


def _race(database_url: str, move: Callable[[Keys], object]) -> None:
    """Sixteen machines, each with its own connections, that all know the same keys and move at once."""
    databases = [open_database(database_url) for _ in range(16)]
    machines = [Keys(database, MASTER, SETTINGS) for database in databases]
    for machine in machines:
        machine.refresh(T0)
    barrier = Barrier(len(machines))

    def run(machine: Keys) -> None:
        barrier.wait()
        move(machine)

    with ThreadPoolExecutor(len(machines)) as pool:
        list(pool.map(run, machines))
    for database in databases:
        database.engine.dispose()


def test_a_generation_is_published_once(database: Database) -> None:
    with database.write() as connection:
        assert store.publish(connection, _row("a", 1))
        assert not store.publish(connection, _row("b", 1))
        assert store.publish(connection, _row("c", 2))
        assert store.publish(connection, _row("d", 1, alg="ES256"))
    assert [row.kid for row in _load(database)] == ["a", "c", "d"]


def test_a_waiting_key_is_brought_forward_and_never_put_off(database: Database) -> None:
    with database.write() as connection:
        store.publish(connection, _row("a", 1, active_from=T0 + 100))
        assert store.activate(connection, "a", T0)
        assert not store.activate(connection, "a", T0)
        assert not store.activate(connection, "a", T0 + 200)
        assert not store.activate(connection, "unknown", T0)
    assert [row.active_from for row in _load(database)] == [T0]


def test_a_revoked_key_is_not_activated(database: Database) -> None:
    with database.write() as connection:
        store.publish(connection, _row("a", 1, active_from=T0 + 100))
        assert store.revoke(connection, "a", T0) == "RS256"
        assert store.revoke(connection, "a", T0) is None
        assert not store.activate(connection, "a", T0)
    (row,) = _load(database)
    assert (row.revoked_at, row.private_key, row.active_from) == (T0, b"", T0 + 100)


def test_of_sixteen_first_starts_one_makes_the_first_key(database_url: str) -> None:
    _race(database_url, lambda machine: machine.maintain(T0))
    database = open_database(database_url)
    assert [row.generation for row in _load(database)] == [1]
    database.engine.dispose()


@pytest.mark.parametrize("begins", ["ahead", "soon", "at_once"])
def test_of_sixteen_rotations_one_makes_the_successor(database_url: str, begins: Begins) -> None:
    database = open_database(database_url)
    Keys(database, MASTER, SETTINGS).maintain(T0)
    rows = _load(database)
    won = []
    _race(database_url, lambda machine: won.append(publish(machine, rows, T0 + 60, begins=begins)))
    assert won.count(True) == 1
    assert [row.generation for row in _load(database)] == [1, 2]
    database.engine.dispose()


def test_of_sixteen_scheduled_rotations_one_makes_the_successor(database_url: str) -> None:
    database = open_database(database_url)
    Keys(database, MASTER, SETTINGS).maintain(T0)
    _race(database_url, lambda machine: machine.maintain(T0 + SETTINGS.key_rotation))
    assert [row.generation for row in _load(database)] == [1, 2]
    database.engine.dispose()


def test_of_sixteen_revocations_of_the_active_key_one_makes_the_successor(database_url: str) -> None:
    database = open_database(database_url)
    keys = Keys(database, MASTER, SETTINGS)
    keys.maintain(T0)
    kid = _load(database)[0].kid
    won = []
    _race(database_url, lambda machine: won.append(revoke(machine, kid, T0 + 60)))
    assert won.count(True) == 1
    assert [(row.generation, row.revoked_at) for row in _load(database)] == [(1, T0 + 60), (2, None)]
    database.engine.dispose()


def test_a_revocation_beside_rotations_leaves_one_active_key(database_url: str) -> None:
    database = open_database(database_url)
    keys = Keys(database, MASTER, SETTINGS)
    keys.maintain(T0)
    kid = _load(database)[0].kid
    turns = iter(range(16))

    def move(machine: Keys) -> None:
        if next(turns) % 2:
            rotate(machine, T0 + 60)
        else:
            revoke(machine, kid, T0 + 60)

    _race(database_url, move)
    keys.refresh(T0 + 60)
    live = [row for row in _load(database) if row.revoked_at is None]
    assert [row.active_from <= T0 + 60 for row in live].count(True) == 1
    assert keys.sign({}, "at+jwt", T0 + 60)
    database.engine.dispose()
