"""Sign-ins that a program begins and a browser goes through: a client of an MCP server, and Directus."""

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.applications import document
from tests.applications.conftest import PROGRAMS, Start
from tests.flows.browser import Browser
from tests.flows.served import Served
from tests.foreign.test_authlib import walk_through
from tests.npm import installed

pytestmark = pytest.mark.slow
DIRECTUS = Path(__file__).parent / "directus"


def through(command: list[str | Path], folder: Path, browser: Browser, *, calls_back: bool) -> dict[str, Any]:
    """What a program has seen, ada having signed in where it asked; it listens at its callback, or is told of it."""
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin
        assert program.stdout
        assert program.stderr
        for line in program.stdout:
            said = json.loads(line)
            if "seen" in said:
                return dict(said["seen"])
            landed = walk_through(browser.open(said["open"]), browser).url
            if calls_back:
                httpx.get(landed)
            else:
                program.stdin.write(json.dumps({"landed": landed}) + "\n")
                program.stdin.flush()
        pytest.fail(program.stderr.read()[-4000:])


def test_a_client_of_fastmcp_gets_a_token_for_the_url_of_the_server_and_calls_a_tool(
    start: Start, browser: Browser, served: Served, python: Path, addresses: dict[str, str], tmp_path: Path
) -> None:
    client = document.sections()["FastMCP"].configurations[1]
    (tmp_path / "client").write_text(document.here(client, addresses), encoding="utf-8")
    with start("FastMCP", "mcp", str(PROGRAMS / "mcp_server.py"), "{port}"):
        claims = through([python, PROGRAMS / "mcp_client.py"], tmp_path, browser, calls_back=True)
    assert (claims["sub"], claims["client_id"], claims["roles"]) == (served.sub, "mcp", ["app-admin", "app-user"])
    assert claims["aud"] == f"{addresses['mcp']}/mcp"


def test_directus_knows_the_person_and_refreshes(
    browser: Browser,
    served: Served,
    addresses: dict[str, str],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    folder = installed(DIRECTUS, request.config)
    lines = document.sections()["Directus"].configurations[0]
    (tmp_path / "environment").write_text(document.here(lines, addresses), encoding="utf-8")
    person = through(["node", folder / "flow.mjs", tmp_path / "environment"], tmp_path, browser, calls_back=False)
    assert (person["sub"], person["email"], person["email_verified"]) == (served.sub, "ada@example.com", True)
    assert person["refreshed"] is True
