"""Whoever starts the server and looks after it, such as systemd, hears when it serves, and ends it by no reload."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import CLIENTS_YAML, Running, Start, spawn


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start a server and do not wait for it; it is ended after the test."""
    running: list[Running] = []

    def begin(**settings: object) -> Running:
        port = free_port()
        running.append(Running(spawn(tmp_path, port, **settings), port, tmp_path))
        return running[-1]

    yield begin
    for server in running:
        server.process.send_signal(signal.SIGINT)
        server.process.wait(PATIENCE)


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_it_is_told_once_requests_are_answered(
    begun: Callable[..., Running], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    (tmp_path / "clients.yaml").write_text(CLIENTS_YAML)
    address = str(tmp_path / "notify") if kind == "path" else f"\0authserver-{os.getpid()}"
    monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(address)
        supervisor.settimeout(PATIENCE)
        server = begun()
        assert supervisor.recv(64) == b"READY=1"
        # At the first attempt.
        assert server.get("/jwks.json").json()["keys"]


def test_where_nobody_listens_any_more_it_serves(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    server = start()
    (said,) = server.lines("supervisor:not_told")
    assert said["reason"] == "No such file or directory"


def test_a_reload_while_it_starts_comes_about_once_it_serves(begun: Callable[..., Running], tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(CLIENTS_YAML)
    # It asks for Redis when it has read clients.yaml, and does not need it.
    with socket.create_server(("127.0.0.1", 0)) as redis:
        redis.settimeout(PATIENCE)
        server = begun(clients_reload=3600, redis_url=f"redis://127.0.0.1:{redis.getsockname()[1]}/0")
        connection, _ = redis.accept()
        server.clients_file.write_text(CLIENTS_YAML.replace("Phone", "Telephone"))
        server.process.send_signal(signal.SIGHUP)
        connection.close()
    eventually(server.is_ready)
    eventually(lambda: server.lines("clients:reloaded"))
