"""`/healthz` and `/readyz`, and the thread that keeps a server tidy."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from authserver import create_app, health, maintenance
from authserver.cleaner import IN_CHARGE, Cleaner
from authserver.health import Readiness
from authserver.maintenance import Runner, Task, keys
from authserver.server import Server
from authserver.store.allowed import tables as allowed
from authserver.store.clock import DatabaseClock
from authserver.store.upkeep import cleanup
from tests.conftest import make_settings
from tests.patience import PATIENCE

CLIENTS_YAML = "apis: {}\nroles: {}\nclients: []\n"


class Clock:
    now = 2_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_server(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Any]:
    made: list[Server] = []

    def make(**settings: Any) -> Any:
        (tmp_path / "clients.yaml").write_text(CLIENTS_YAML)
        app = create_app(
            make_settings(
                database_url=database_url,
                clients_file=tmp_path / "clients.yaml",
                keys_dir=tmp_path / "keys",
                **settings,
            ),
            clock=clock,
        )
        made.append(app.server)
        return app

    yield make
    for server in made:
        server.database.engine.dispose()


def readiness(app: Any) -> tuple[int, dict[str, str]]:
    """The status of `/readyz`, and each check."""
    answer = app.test_client().get("/readyz")
    return answer.status_code, json.loads(answer.data)["checks"]


@contextmanager
def schema(app: Any, **said: str) -> Iterator[None]:
    """The database as another release would leave it."""
    update = text("UPDATE alembic_version SET version_num = :version_num, works_from = :works_from")
    with app.server.database.write() as connection:
        ours = dict(connection.execute(text("SELECT version_num, works_from FROM alembic_version")).mappings().one())
        connection.execute(update, ours | said)
    yield
    with app.server.database.write() as connection:
        connection.execute(update, ours)


def test_a_whole_server_is_ready_and_says_the_version_of_clients_yaml(make_server: Any) -> None:
    app = make_server()
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.data) == {
        "status": "ready",
        "clients_version": app.server.registry.version,
        "checks": {"database": "ok", "writes": "ok", "migrations": "ok", "keys": "ok"},
    }


def test_a_database_of_another_release_is_not_ready(make_server: Any) -> None:
    app = make_server()
    with schema(app, version_num="0000"):
        status, checks = readiness(app)
    assert (status, checks["migrations"]) == (503, "failed")


def test_a_check_that_hangs_fails_after_the_timeout_and_so_does_a_probe_that_follows(
    make_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    readiness = Readiness(make_server().server)
    monkeypatch.setattr(health, "TIMEOUT", 0.05)
    end = threading.Event()
    monkeypatch.setattr(readiness, "_database", lambda: end.wait(PATIENCE))
    for _ in range(6):
        status, body = readiness.report()
        checks: Any = body["checks"]
        assert (status, checks["database"]) == (503, "failed")
    end.set()


def test_without_redis_the_server_stays_ready_and_says_so(make_server: Any) -> None:
    status, checks = readiness(make_server(redis_url="redis://127.0.0.1:1/0"))
    assert (status, checks["redis"]) == (200, "failed")


def test_a_node_that_has_not_read_the_keys_for_ten_seconds_reads_them_or_is_not_ready(
    make_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_server()
    keys, now = app.server.keys, app.server.now()
    reads: list[int] = []

    def away(now: int) -> None:
        reads.append(now)
        raise OperationalError("SELECT", {}, Exception("away"))

    with monkeypatch.context() as cut_off:
        cut_off.setattr(keys, "refresh", away)
        for age, expected in ((9.9, (200, "ok")), (10.1, (503, "failed"))):
            cut_off.setattr(keys, "age", lambda age=age: age)
            status, checks = readiness(app)
            assert (status, checks["keys"]) == expected
    assert reads == [now]
    monkeypatch.setattr(keys, "_read_at", float("-inf"))
    status, checks = readiness(app)
    assert (status, checks["keys"]) == (200, "ok")
    assert keys.age() < PATIENCE


def test_a_newer_schema_that_only_adds_keeps_this_release_in_service(make_server: Any) -> None:
    app = make_server()
    with schema(app, version_num="9000"):
        status, checks = readiness(app)
    assert (status, checks["migrations"]) == (200, "ok")


def test_a_newer_schema_that_takes_away_what_this_release_uses_is_not_ready(make_server: Any) -> None:
    app = make_server()
    with schema(app, version_num="9000", works_from="9000"):
        status, checks = readiness(app)
    assert (status, checks["migrations"]) == (503, "failed")


def test_redis_is_asked_where_it_is_configured(make_server: Any, redis_url: str) -> None:
    status, checks = readiness(make_server(redis_url=redis_url))
    assert (status, checks["redis"]) == (200, "ok")


def test_a_process_that_answers_is_healthy_even_without_its_database(make_server: Any, monkeypatch: Any) -> None:
    app = make_server()
    monkeypatch.setattr(app.server.database, "read", None)
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.data) == (200, b"ok")


def test_of_two_running_servers_one_removes_expired_rows(make_server: Any, clock: Clock) -> None:
    server = make_server().server
    first, second = Cleaner(server), Cleaner(server)

    def left() -> int:
        with server.database.read() as connection:
            return len(connection.execute(allowed.revoked_access_tokens.select()).all())

    def expire() -> None:
        with server.database.write() as connection:
            connection.execute(insert(allowed.revoked_access_tokens), [{"jti": "old", "expires_at": int(clock.now)}])

    expire()
    first.clean(threading.Event())
    assert left() == 0
    expire()
    second.clean(threading.Event())
    assert left() == 1
    clock.now += IN_CHARGE
    second.clean(threading.Event())
    assert left() == 0


def test_a_cleaner_takes_its_rounds_and_stops(make_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = make_server(cleanup_interval=1).server
    rounds = threading.Event()

    def clean(*_arguments: object) -> dict[str, int]:
        rounds.set()
        return {}

    monkeypatch.setattr(cleanup, "delete_expired", clean)
    runner = Runner([Cleaner(server).task], server.recorder)
    runner.start()
    assert rounds.wait(PATIENCE)
    assert runner.stop(PATIENCE)


def test_a_cleaner_that_is_behind_says_how_far(make_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = make_server(cleanup_interval=1).server
    with server.database.write() as connection:
        rows = [{"jti": f"{number}", "expires_at": 1} for number in range(cleanup.BATCH + 1)]
        connection.execute(insert(allowed.revoked_access_tokens), rows)
    ticks = count(step=1)
    monkeypatch.setattr("authserver.cleaner.time.monotonic", lambda: float(next(ticks)))
    with capture_logs() as lines:
        Cleaner(server).clean(threading.Event())
    behind, removed = lines
    assert (behind["event"], behind["log_level"]) == ("maintenance:behind", "warning")
    assert behind["revoked_access_tokens"] == 1
    assert (removed["event"], removed["revoked_access_tokens"]) == ("maintenance:removed", cleanup.BATCH + 1)


def test_a_running_server_rotates_its_keys_when_they_are_due(make_server: Any, clock: Clock) -> None:
    server = make_server().server
    before, _ = server.keys.jwks()
    clock.now += server.settings.key_rotation
    keys(server).do(threading.Event())
    after, _ = server.keys.jwks()
    assert len(json.loads(after)["keys"]) == len(json.loads(before)["keys"]) + 1


@pytest.mark.parametrize("behind", [1, -1])
def test_a_clock_that_differs_by_two_seconds_is_warned_of_once_and_until_it_is_right(
    make_server: Any, behind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_server()
    server, wrong = app.server, DatabaseClock(app.server.database)
    monkeypatch.setattr(wrong, "measure", lambda: None)
    monkeypatch.setattr(server, "clock", wrong)
    told = list[dict[str, float]]()
    monkeypatch.setattr(maintenance, "emit", lambda _name, **detail: told.append(detail))
    warnings = []
    for skew in (1.9, 2.0, 2.1, 1.9, 2.0):
        wrong.skew = skew * behind
        maintenance.clock(server).do(threading.Event())
        warnings.append(json.loads(app.test_client().get("/readyz").data).get("warnings", []))
    assert [len(each) for each in warnings] == [0, 1, 1, 0, 1]
    assert f"2.1 s {'ahead of' if behind == 1 else 'behind'} the database" in warnings[2][0]
    assert told == [{"seconds": 2.0 * behind}] * 2


def test_a_fault_does_not_end_the_maintenance(make_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = make_server().server
    turns = threading.Semaphore(0)

    def fail(*_arguments: object) -> None:
        turns.release()
        raise RuntimeError("broken")

    monkeypatch.setattr(server.keys, "maintain", fail)
    task = replace(keys(server), interval=0.001)
    monkeypatch.setattr(maintenance, "AFTER_FAILURE", 0.001)
    runner = Runner([task], server.recorder)
    runner.start()
    for _ in range(3):
        assert turns.acquire(timeout=PATIENCE)
    assert runner.stop(PATIENCE)


def test_a_task_that_takes_long_keeps_no_other_waiting_and_ends_with_the_server(make_server: Any) -> None:
    turns = threading.Semaphore(0)
    ended = threading.Event()

    def wait(stopped: threading.Event) -> None:
        stopped.wait(PATIENCE)
        ended.set()

    tasks = [Task("long", wait, 0.001), Task("short", lambda _: turns.release(), 0.001)]
    runner = Runner(tasks, make_server().server.recorder)
    runner.start()
    for _ in range(3):
        assert turns.acquire(timeout=PATIENCE)
    assert runner.stop(PATIENCE)
    assert ended.is_set()
