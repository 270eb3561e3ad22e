"""The serving process: how it starts, reloads, replaces its workers and stops."""

import json
import os
import signal
import socket
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from authserver.store import users
from authserver.store.live_files import files
from tests.conftest import open_database
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import CLIENTS_YAML, Running, Start, spawn

SECOND_VERSION = CLIENTS_YAML.replace("name: Phone", "name: Telephone")
FAULTY = CLIENTS_YAML.replace("default_role: user", "default_role: nobody")
# As long as a worker of a busy machine may need to stop, and a test to send what is missing.
LONG = 300
BODY = b"grant_type=refresh_token&refresh_token=unknown&client_id=phone"
POST = (
    b"POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


def test_everything_written_is_one_json_object_a_line(start: Start) -> None:
    server = start(bin="/usr/local/bin/authserver", stop_timeout=LONG)
    version = server.get("/readyz").json()["clients_version"]
    server.process.terminate()
    server.process.wait(PATIENCE)
    lines = [json.loads(line) for line in (server.folder / "log").read_text().splitlines()]
    assert not [line for line in lines if line["event"] == "worker:killed"]
    assert {"timestamp", "level", "event", "pid"} <= set.intersection(*(set(line) for line in lines))
    (unknown,) = [line for line in lines if line["event"] == "settings:unknown"]
    assert unknown["reason"].startswith("AUTHSERVER_BIN: ")
    requests = [line for line in lines if line["event"] == "http:request"]
    assert requests
    assert all(line["clients_version"] == version and len(line["request_id"]) == 16 for line in requests)


@pytest.mark.slow
def test_roles_that_people_have_but_no_file_declares_are_reported_at_the_start(start: Start) -> None:
    server = start()
    database = open_database(f"sqlite:///{server.folder / 'authserver.db'}")
    with database.write() as connection:
        users.add(connection, username="ada", roles=["emperor"], now=1)
    database.engine.dispose()
    server.process.terminate()
    server.process.wait(PATIENCE)
    (told,) = start().lines("role:undeclared")
    assert (told["name"], told["people"]) == ("emperor", 1)


@pytest.mark.slow
def test_a_redis_that_does_not_answer_is_a_warning_at_the_start(start: Start) -> None:
    # Taken, so that nobody else answers there, and deaf.
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        server = start(redis_url=f"redis://:hunter2hunter2@127.0.0.1:{deaf.getsockname()[1]}/0")
    (told,) = server.lines("redis:unavailable")
    assert (told["level"], told["reason"]) == ("warning", "the connection failed: Connection refused")
    assert "hunter2" not in (server.folder / "log").read_text()


@pytest.mark.slow
def test_a_taken_port_is_named_in_words(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(CLIENTS_YAML)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = spawn(tmp_path, port)
        assert process.wait(PATIENCE) == 1
    said = (tmp_path / "log").read_text()
    assert f"port {port} on 127.0.0.1 is in use" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_second_server_does_not_share_the_port_of_the_first(start: Start, tmp_path: Path) -> None:
    first = start()
    folder = tmp_path / "second"
    folder.mkdir()
    (folder / "clients.yaml").write_text(CLIENTS_YAML)
    assert spawn(folder, first.port).wait(PATIENCE) == 1


@pytest.mark.slow
def test_every_fault_of_clients_yaml_is_said_before_anything_listens(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(FAULTY.replace("type: native", "type: phone"))
    assert spawn(tmp_path, free_port()).wait(PATIENCE) == 1
    said = (tmp_path / "log").read_text()
    assert "nobody" in said
    assert "clients[0].type" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_missing_master_key_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(CLIENTS_YAML)
    process = spawn(tmp_path, free_port(), issuer="https://login.example.com", database_url="sqlite:///a.db")
    assert process.wait(PATIENCE) == 1
    assert "AUTHSERVER_MASTER_KEY" in (tmp_path / "log").read_text()


def test_faults_of_the_address_the_master_key_and_clients_yaml_are_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(CLIENTS_YAML.replace("type: native", "type: phone"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = spawn(tmp_path, taken.getsockname()[1], issuer="https://login.example.com")
        assert process.wait(PATIENCE) == 1
    said = (tmp_path / "log").read_text()
    assert [fault in said for fault in ("is in use", "AUTHSERVER_MASTER_KEY", "clients[0].type")] == [True] * 3


@pytest.mark.slow
def test_sighup_has_every_worker_read_clients_yaml_at_once(start: Start) -> None:
    server = start(workers=2, clients_reload=3600)
    workers = set(server.workers())
    server.clients_file.write_text(SECOND_VERSION)
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: workers <= {line["pid"] for line in server.lines("clients:reloaded")})
    assert set(server.workers()) == workers


def test_a_changed_clients_yaml_reaches_every_worker_without_a_signal(start: Start) -> None:
    server = start(workers=2)
    eventually(lambda: _past(server) == ["start"])
    server.clients_file.write_text(SECOND_VERSION)
    eventually(lambda: set(server.workers()) <= {line["pid"] for line in server.lines("clients:reloaded")})
    # Once for both workers; and a third that takes the place of one has nothing to add.
    eventually(lambda: _past(server) == ["reload", "start"])
    killed = server.workers()[0]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: len(server.workers()) == 2 and killed not in server.workers())
    assert server.get("/readyz").json()["clients_version"] == server.lines("clients:reloaded")[0]["version"]
    assert _past(server) == ["reload", "start"]


def _past(server: Running) -> list[str]:
    database = open_database(f"sqlite:///{server.folder / 'authserver.db'}")
    with database.read() as connection:
        ways = [each.way for each in files.everything(connection)]
    database.engine.dispose()
    return ways


def test_a_killed_worker_is_replaced_by_one_with_the_last_good_clients_yaml(start: Start) -> None:
    server = start()
    version = server.get("/readyz").json()["clients_version"]
    server.clients_file.write_text(FAULTY)
    eventually(lambda: server.lines("clients:refused"))
    (killed,) = server.workers()
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: server.workers() not in ([], [killed]))
    assert server.get("/readyz").json()["clients_version"] == version


def test_sigterm_lets_a_request_that_is_arriving_be_answered(start: Start) -> None:
    server = start(stop_timeout=LONG, body_timeout=LONG)
    with server.connect() as connection:
        connection.sendall(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n") + BODY[:10])
        # Said when the body is being read: what had not been accepted yet may be reset.
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        server.process.terminate()
        eventually(lambda: server.lines("Stopping worker-1"))
        connection.sendall(BODY[10:])
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert server.process.wait(PATIENCE) == 0


@pytest.mark.slow
def test_a_request_that_never_ends_does_not_hold_up_the_stop(start: Start) -> None:
    server = start(stop_timeout=1, body_timeout=300)
    with server.connect() as connection:
        connection.sendall(POST)
        server.process.terminate()
        # Sooner than it would have given up waiting for the body.
        assert server.process.wait(PATIENCE) == 0
    assert len(server.lines("worker:killed")) == 1


@pytest.mark.slow
def test_a_signal_to_stop_is_heard_among_any_number_of_others(start: Start) -> None:
    server = start()
    for _ in range(2000):
        server.process.send_signal(signal.SIGHUP)
    server.process.terminate()
    assert server.process.wait(PATIENCE) == 0


@pytest.mark.slow
def test_workers_end_when_their_parent_is_killed(start: Start) -> None:
    server = start(workers=2)
    workers = server.workers()
    server.process.kill()
    server.process.wait(PATIENCE)
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


@pytest.mark.parametrize("part", [b"POST /token HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", POST], ids=["head", "body"])
def test_two_hundred_slow_senders_hold_up_nobody(patient: Running, part: bytes) -> None:
    slow = [patient.connect() for _ in range(200)]
    try:
        for connection in slow:
            connection.sendall(part)
        with ThreadPoolExecutor(64) as threads:
            asked: list[Future[httpx.Response]] = []

            def the_first_are_answered() -> bool:
                # granian may leave one in its queue until the next comes: docs/decisions/granian.md.
                asked.append(threads.submit(patient.get, "/jwks.json"))
                return len(asked) > 5 and all(answer.done() for answer in asked[:5])

            # Sooner than the server would have given a slow sender up.
            eventually(the_first_are_answered)
        assert all(answer.result().is_success for answer in asked)
    finally:
        for connection in slow:
            connection.close()


def test_a_body_that_does_not_arrive_in_time_ends_its_connection_and_no_other(start: Start) -> None:
    server = start(body_timeout=1)
    with server.connect() as idle, server.connect() as slow:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(4096)
        slow.sendall(POST + BODY[:10])
        assert slow.recv(4096) == b""
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200 ")
    # The line is written after the cut.
    (line,) = eventually(lambda: server.lines("http:slow_senders_cut_off"))
    assert line["connections"] == 1


@pytest.mark.slow
def test_cutting_a_slow_sender_off_leaves_the_server_its_locks_on_the_database(start: Start) -> None:
    server = start(body_timeout=1)
    with server.connect() as slow:
        slow.sendall(POST + BODY[:10])
        assert slow.recv(4096) == b""
    visitor = sqlite3.connect(server.folder / "authserver.db")
    visitor.execute("SELECT count(*) FROM users")
    visitor.close()
    # The last to leave a database removes its log, and with it all that the server would write from then on.
    assert (server.folder / "authserver.db-wal").exists()


def test_half_a_body_is_not_taken_for_a_whole_one(patient: Running) -> None:
    with patient.connect() as connection:
        connection.sendall(POST + BODY[:-4])
        connection.shutdown(socket.SHUT_WR)
        assert b"invalid_grant" not in connection.recv(4096)
    with patient.connect() as connection:
        connection.sendall(POST.replace(b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 411 ")
