"""nginx with `deploy/nginx.conf`, as Debian packages it, before the nodes of a cluster."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.patience import PATIENCE, eventually
from tests.ports import free_port

SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx.conf"
_AROUND = """
daemon off;
worker_processes 1;
{user}
pid nginx.pid;
error_log error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    {temporary}
    upstream authserver {{ {nodes} }}
    {server}
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Proxy:
    """A proxy in a folder, before nodes on these ports."""

    def __init__(self, folder: Path, nodes: Sequence[int]) -> None:
        found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if found is None:
            pytest.skip("SKIPPED LOUDLY: no nginx here (apt-get install nginx): no cluster is tried under traffic")
        folder.mkdir()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # Without Docker's name server, the nodes are named.
        server = re.sub(r"\n    resolver [^;]*;\n    set [^;]*;", "", SHIPPED.read_text())
        server = server.replace("listen 8080;", f"listen 127.0.0.1:{self.port};")
        server = server.replace("proxy_pass $authserver;", "proxy_pass http://authserver;")
        assert "$authserver" not in server
        (folder / "nginx.conf").write_text(
            _AROUND.format(
                user="user root;" if os.getuid() == 0 else "",
                temporary=" ".join(f"{name}_temp_path {name};" for name in _TEMPORARY),
                nodes=" ".join(f"server 127.0.0.1:{port} fail_timeout=1s;" for port in nodes),
                server=server,
            )
        )
        command = [found, "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
        self._process = subprocess.Popen(command, cwd=folder)
        eventually(self._answers)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)

    def _answers(self) -> bool:
        assert self._process.poll() is None
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/proxy-healthz", timeout=PATIENCE).is_success
        return False
