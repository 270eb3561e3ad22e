"""Inside the sandbox of the unit: the server starts there, and a person signs in by password."""

import os
import signal
import subprocess
import sys
import time
from ctypes.util import find_library
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from authserver.store import users
from tests.conftest import open_database
from tests.deploy.programs import ROOT
from tests.deploy.sandbox import left_by
from tests.deploy.test_systemd import UNIT
from tests.examples.visitor import Visitor
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import CLIENTS_YAML, Running

PASSWORD = "correct horse battery staple"
_PROGRAM = (
    "import sys; from tests.deploy.sandbox import enter; enter({names!r}); from authserver.cli import main; main()"
)


@pytest.mark.slow
def test_a_person_signs_in_by_password_to_a_server_in_the_sandbox_of_the_unit(tmp_path: Path) -> None:
    if find_library("seccomp") is None:
        pytest.skip("there is no libseccomp here, so this was NOT checked; to have it: apt-get install libseccomp2")
    port = free_port()
    (tmp_path / "clients.yaml").write_text(CLIENTS_YAML)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    environ |= {"AUTHSERVER_ISSUER": f"http://localhost:{port}", "AUTHSERVER_PORT": str(port), "AUTHSERVER_DRAIN": "0"}
    environ |= {"PYTHONPATH": str(ROOT), "AUTHSERVER_TIME_SLICE": "100"}
    command = [sys.executable, "-c", _PROGRAM.format(names=sorted(left_by(UNIT))), "serve"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=log, stderr=log, start_new_session=True)
    server = Running(process, port, tmp_path)
    try:
        eventually(server.is_ready)
        database = open_database(f"sqlite:///{tmp_path}/authserver.db")
        with database.write() as connection:
            hashed = PasswordHasher(1, 8192, 1).hash(PASSWORD)
            users.add(connection, username="ada", password_hash=hashed, roles=["user"], now=int(time.time()))
        database.engine.dispose()
        visitor = Visitor()
        visitor.open(f"http://localhost:{port}/account")
        visitor.press("Sign in", username="ada", password=PASSWORD)
        assert visitor.url.endswith("/account"), visitor.page
        assert server.lines("http:failed") == server.lines("worker:time_slice_refused") == []
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
