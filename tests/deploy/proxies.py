"""Caddy with `deploy/caddy/Caddyfile`, before a server of the tests."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.deploy.programs import ROOT
from tests.patience import PATIENCE, eventually
from tests.ports import free_port


@contextmanager
def caddy(folder: Path, port: int) -> Iterator[str]:
    """The URL of one that leads to this port."""
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("there is no caddy here, so this was NOT checked; to have it: apt-get install caddy")
    url = f"http://127.0.0.1:{free_port()}"
    text = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text()
    text, found = re.subn(r"dynamic a \{[^}]*\}", f"to 127.0.0.1:{port}", text)
    assert found == 1
    text = text.replace("{\n\tservers", "{\n\tadmin off\n\tservers", 1)
    (folder / "Caddyfile").write_text(text)
    environ = os.environ | {"LOGIN_HOST": url, "HOME": str(folder)}
    command = [program, "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
    with subprocess.Popen(command, cwd=folder, env=environ, stderr=subprocess.DEVNULL) as process:
        try:

            def answers() -> bool:
                with suppress(httpx.TransportError):
                    return httpx.get(f"{url}/healthz", timeout=PATIENCE).status_code == 404
                return False

            eventually(answers)
            yield url
        finally:
            process.terminate()
            process.wait(PATIENCE)
