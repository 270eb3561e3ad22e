"""The code in the resource server's guide is run as it stands, but for the address of the issuer."""

import asyncio
import re
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from tests.guard.frameworks import configure_django, get
from tests.guard.issuer import Issuer

GUIDE = (Path(__file__).parents[2] / "docs" / "resource-server.md").read_text()
BLOCKS = dict(re.findall(r"^```python\n# (\w+).*?\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL))
ASGI = {"FastAPI", "Starlette"}


def application(framework: str, issuer: Issuer) -> Any:
    module: Any = ModuleType("guide")
    code = BLOCKS[framework].replace("https://login.example.com", issuer.url)
    exec(compile(code, f"{framework} in the guide", "exec"), module.__dict__)  # noqa: S102 - it is what is tested
    return module


def ask(framework: str, module: Any, *headers: tuple[str, str]) -> httpx.Response:
    if framework in ASGI:
        return asyncio.run(get(module.app, *headers, path="/reports"))
    app = module.app if framework != "Django" else WSGIHandler()
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://reports.example.com") as client:
        return client.get("/reports", headers=dict(headers))


@pytest.mark.parametrize("framework", ["Flask", "FastAPI", "Starlette", "Django", "WSGI"])
def test_the_example_protects_its_route(framework: str, issuer: Issuer) -> None:
    module, now = application(framework, issuer), int(time.time())
    configure_django()
    with override_settings(ROOT_URLCONF=module):
        token = issuer.token(iat=now, exp=now + 60)
        assert "ada" in ask(framework, module, ("Authorization", f"Bearer {token}")).text
        weak = issuer.token(iat=now, exp=now + 60, permissions=["write:reports"])
        assert ask(framework, module, ("Authorization", f"Bearer {weak}")).status_code == 403
        refused = ask(framework, module)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith('Bearer realm="https://reports.example.com", DPoP algs="')


@pytest.mark.parametrize("framework", BLOCKS)
def test_one_import_of_the_guard_is_enough_and_protecting_takes_five_lines(framework: str) -> None:
    lines = [line for line in BLOCKS[framework].splitlines() if "guard" in line.lower() or "current_token" in line]
    assert sum("import" in line for line in lines) == 1
    assert len(lines) <= 5
