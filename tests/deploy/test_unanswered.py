"""A replica that breaks with a request in its hands: whoever asked gets 503, which clients try again."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.cluster.proxy import Proxy
from tests.deploy.programs import ROOT
from tests.patience import PATIENCE, eventually
from tests.ports import free_port


@pytest.fixture
def broken() -> Iterator[int]:
    """The port of a server that takes requests and then is gone."""

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.recv(65536)
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(PATIENCE)


def ask(url: str) -> tuple[int, str | None]:
    answer = httpx.post(f"{url}/token", data={"grant_type": "refresh_token"}, timeout=PATIENCE)
    return answer.status_code, answer.headers.get("Retry-After")


def test_by_nginx(tmp_path: Path, broken: int) -> None:
    proxy = Proxy(tmp_path / "nginx", [broken])
    try:
        assert ask(proxy.url) == (503, "1")
    finally:
        proxy.stop()


def test_by_caddy(tmp_path: Path, broken: int) -> None:
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("there is no caddy here, so this was NOT checked; to have it: apt-get install caddy")
    url = f"http://127.0.0.1:{free_port()}"
    text = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text()
    text, found = re.subn(r"dynamic a \{[^}]*\}", f"to 127.0.0.1:{broken}", text)
    assert found == 1
    text = text.replace("{\n\tservers", "{\n\tadmin off\n\tservers", 1)
    (tmp_path / "Caddyfile").write_text(text)
    environ = os.environ | {"LOGIN_HOST": url, "HOME": str(tmp_path)}
    command = [program, "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=subprocess.DEVNULL) as process:
        try:

            def answers() -> bool:
                with suppress(httpx.TransportError):
                    return httpx.get(f"{url}/healthz", timeout=PATIENCE).status_code == 404
                return False

            eventually(answers)
            assert ask(url) == (503, "1")
        finally:
            process.terminate()
            process.wait(PATIENCE)
