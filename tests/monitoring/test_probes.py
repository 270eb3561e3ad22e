"""Probes on a port of their own: what they say of all workers, whatever keeps the main port busy."""

import os
import resource
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import httpx
import pytest

from authserver.monitoring.questions import ALIVE, Desk
from authserver.serve.parent import CONNECTIONS, READERS
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import Running, Start, start

__all__ = ["start"]
SLOW = (
    b"POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 100\r\n\r\n"
)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def _many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * CONNECTIONS:
        pytest.skip("this machine lets nobody open as many connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * CONNECTIONS), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def asked(port: int, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE)


def well(port: int, path: str) -> httpx.Response:
    """The first answer that is good: on a busy machine a worker may be silent for the seconds that it is given."""
    return eventually(lambda: [answer for answer in [asked(port, path)] if answer.is_success])[0]


def test_senders_that_hold_every_reader_do_not_hold_up_the_probes(start: Start, port: int) -> None:
    server = start(monitoring_port=port, body_timeout=300)
    with ExitStack() as stack:
        for _ in range(READERS + 8):
            stack.enter_context(server.connect()).sendall(SLOW)
        # Sooner than the server would have given a slow sender up.
        for path in ("/healthz", "/readyz"):
            assert well(port, path)


@pytest.mark.slow
@pytest.mark.usefixtures("_many_files")
def test_idle_connections_that_leave_no_room_for_another_do_not_hold_up_the_probes(start: Start, port: int) -> None:
    server = start(monitoring_port=port)
    with ExitStack() as stack:
        for _ in range(CONNECTIONS + 64):
            stack.enter_context(server.connect())
        for path in ("/healthz", "/readyz"):
            assert well(port, path)


def test_both_probes_speak_for_every_worker(start: Start, port: int) -> None:
    server = start(monitoring_port=port, workers=2)
    answer = well(port, "/readyz")
    assert answer.json()["workers"] == {"serving": 2, "starting": 0, "silent": 0}
    assert answer.json()["checks"] == server.get("/readyz").json()["checks"]
    stopped = server.workers()[0]
    os.kill(stopped, signal.SIGSTOP)
    try:
        for path in ("/healthz", "/readyz"):
            assert asked(port, path).status_code == 503
        assert str(stopped) in asked(port, "/healthz").text
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert well(port, "/readyz")


def test_a_worker_that_died_is_no_longer_asked_and_its_successor_is(start: Start, port: int) -> None:
    server = start(monitoring_port=port)
    (killed,) = server.workers()
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: server.workers() not in ([], [killed]))
    assert well(port, "/readyz").json()["workers"] == {"serving": 1, "starting": 0, "silent": 0}


def test_a_database_that_takes_no_writes_is_not_ready_and_the_node_alive(start: Start, port: int) -> None:
    server = start(monitoring_port=port)
    with closing(sqlite3.connect(server.folder / "authserver.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        eventually(lambda: asked(port, "/readyz").json()["checks"].get("writes") == "failed")
        assert asked(port, "/readyz").status_code == 503
        assert well(port, "/healthz")


def test_workers_begin_however_many_have_begun_before_anybody_asks() -> None:
    desk = Desk()
    for _ in range(64):
        desk.report({})
    assert eventually(lambda: desk.ask(ALIVE, PATIENCE)) == {os.getpid(): b"ok"}


def test_without_the_setting_nothing_but_the_main_port_listens(start: Start) -> None:
    server = start()
    assert listening(server) == {server.port}


def test_it_listens_on_the_loopback_unless_told_otherwise(start: Start, port: int) -> None:
    server = start(monitoring_port=port)
    assert listening(server) == {server.port, port}
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.2", port), PATIENCE):
        pass


def test_other_paths_and_methods_are_refused_and_head_is_answered(start: Start, port: int) -> None:
    start(monitoring_port=port)
    assert asked(port, "/token").status_code == 404
    assert httpx.post(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE).status_code == 501
    head = httpx.head(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE)
    assert (head.status_code, head.content) == (200, b"")


def test_connections_that_say_nothing_make_room_for_the_next(start: Start, port: int) -> None:
    start(monitoring_port=port)
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
        assert well(port, "/healthz")


@pytest.mark.slow
def test_a_taken_port_for_monitoring_is_named_in_words(start: Start, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)), pytest.raises(AssertionError, match=r"AUTHSERVER_MONITORING_PORT"):
        start(monitoring_port=port)


def listening(server: Running) -> set[int]:
    """The ports on which the processes of a server listen."""
    pids = [server.process.pid, *server.workers()]
    inodes = set()
    for pid in pids:
        for entry in list(Path(f"/proc/{pid}/fd").iterdir()):
            # What is closed meanwhile is passed over.
            with suppress(FileNotFoundError):
                inodes.add(str(entry.readlink()).removeprefix("socket:[").removesuffix("]"))
    ports = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports
