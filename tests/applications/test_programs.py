"""Sign-ins that a program begins and a browser goes through: a client of an MCP server, and Directus."""

from pathlib import Path

import httpx
import pytest

from tests.applications import document
from tests.applications.conftest import PROGRAMS, Start
from tests.flows.browser import Browser
from tests.flows.served import Served
from tests.foreign.program import seen_by
from tests.foreign.test_authlib import walk_through
from tests.npm import installed
from tests.patience import PATIENCE

pytestmark = pytest.mark.slow
DIRECTUS = Path(__file__).parent / "directus"


def test_a_client_of_fastmcp_gets_a_token_for_the_url_of_the_server_and_calls_a_tool(
    start: Start, browser: Browser, served: Served, python: Path, addresses: dict[str, str], tmp_path: Path
) -> None:
    client = document.sections()["FastMCP"].configurations[1]
    (tmp_path / "client").write_text(document.here(client, addresses), encoding="utf-8")

    def visit(url: str) -> None:
        # It listens at its callback.
        httpx.get(walk_through(browser.open(url), browser).url, timeout=PATIENCE)

    with start("FastMCP", "mcp", str(PROGRAMS / "mcp_server.py"), "{port}"):
        claims = seen_by([python, PROGRAMS / "mcp_client.py"], tmp_path, visit)
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

    def visit(url: str) -> str:
        return walk_through(browser.open(url), browser).url

    person = seen_by(["node", folder / "flow.mjs", tmp_path / "environment"], tmp_path, visit)
    assert (person["sub"], person["email"], person["email_verified"]) == (served.sub, "ada@example.com", True)
    assert person["refreshed"] is True
