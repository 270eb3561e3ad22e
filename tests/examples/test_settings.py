"""Example programs that lack a setting, or their port, say so in words and end with a fault."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples.demonstration import ROOT
from tests.examples.node import EXAMPLES
from tests.npm import installed
from tests.patience import PATIENCE


def ended(command: list[str], folder: Path, **variables: str) -> tuple[int, str]:
    """The status, and what was written."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        command, cwd=folder, env=kept | variables, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("program", "names"),
    [
        ("examples.relying_party", ["PORTAL_SECRET", "PORTAL_COOKIE_KEY"]),
        pytest.param("examples.backend_for_frontend", ["PORTAL_SECRET", "PORTAL_COOKIE_KEY"], marks=pytest.mark.slow),
        ("examples.mailbox", ["MAILBOX", "SMTP_PORT"]),
        ("tests.provider", ["EXAMPLE_PORT", "EXAMPLE_PROVIDER_SECRET"]),
    ],
)
def test_a_program_without_its_settings_says_which_and_where_to_get_them(program: str, names: list[str]) -> None:
    status, said = ended([sys.executable, "-m", program], ROOT)
    assert status == 1
    assert "Traceback" not in said
    for name in names:
        assert f"  {name}: " in said
    assert "`make run`" in said


@pytest.mark.parametrize(
    ("folder", "script"), [("resource_server_node", "server.js"), ("single_page_application", "serve.js")]
)
def test_a_program_in_node_whose_port_is_taken_says_so_and_fails(
    request: pytest.FixtureRequest, folder: str, script: str
) -> None:
    place = installed(EXAMPLES / folder, request.config)
    node = shutil.which("node")
    assert node
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, said = ended([node, script], place, PORT=str(port))
    assert (status, f"Cannot listen on port {port}" in said) == (1, True)
    assert "Listening" not in said


def test_the_portal_can_be_one_of_two_programs() -> None:
    status, said = ended([sys.executable, "-m", "examples.demo"], ROOT, PORTAL="resource_server")
    assert (status, "PORTAL must be one of relying_party, backend_for_frontend." in said) == (1, True)


def test_what_make_run_takes_and_what_runs_beside_it_are_different_ports() -> None:
    ports = re.findall(r'_free\("\w+", (\d+)', (ROOT / "examples/demo/ports.py").read_text())
    beside = [re.findall(r"process\.env\.PORT \?\? (\d+)", path.read_text()) for path in EXAMPLES.glob("*/serve*.js")]
    usual = [*ports, *(port for found in beside for port in found)]
    assert len(usual) == len(set(usual)) == 7
    readme = (EXAMPLES / "README.md").read_text()
    assert all(f"http://localhost:{port}" in readme for found in beside for port in found)
