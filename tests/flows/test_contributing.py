"""The examples of CONTRIBUTING, followed to the letter: what they add works, and their own tests pass."""

import re
import sys
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader

from authserver import account, resource
from authserver.http.mount import READ
from tests.flows.provider import Provider

GUIDE = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()
BLOCK = r"```{language}\n(.*?)^```$"


def blocks(heading: str, language: str) -> list[str]:
    """The blocks of code of a section."""
    section = GUIDE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(BLOCK.format(language=language), section, flags=re.MULTILINE | re.DOTALL)


def run(code: str, name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the code as a module of this name."""
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(code, name, "exec"), vars(module))  # noqa: S102 - the code is ours
    return vars(module)


def run_tests(code: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the tests of a block with the fixtures that they name; returns how many there were."""
    found = run(code, "tests.flows.shown", monkeypatch)
    tests = [each for name, each in found.items() if name.startswith("test_") and isinstance(each, FunctionType)]
    for test in tests:
        names = [name for name in test.__annotations__ if name != "return"]
        test(**{name: request.getfixturevalue(name) for name in names})
    return len(tests)


def test_the_endpoint_works_and_its_tests_pass(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    whoami, added, tests = blocks("An endpoint for machines, step by step", "python")
    run(whoami, "authserver.resource.whoami", monkeypatch)
    endpoints = run(f"from authserver.resource import Endpoint\n{added}", "authserver.resource.added", monkeypatch)
    monkeypatch.setattr(resource, "ENDPOINTS", resource.ENDPOINTS | endpoints["ENDPOINTS"])
    assert run_tests(tests, request, monkeypatch) == 2


def test_the_page_works_and_its_test_passes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    roles, tests = blocks("A page, step by step", "python")
    (template,) = blocks("A page, step by step", "html")
    page = run(roles, "authserver.account.roles", monkeypatch)
    line = re.search(r"one line, `(\(.*\))`, to `PAGES`", GUIDE)
    assert line is not None
    added = eval(line[1], {"roles": page["roles"], "READ": READ})  # noqa: S307 - the code is ours
    monkeypatch.setattr(account, "PAGES", (*account.PAGES, added))
    provider: Provider = request.getfixturevalue("provider")
    environment = provider.app.jinja_env
    assert environment.loader is not None
    environment.loader = ChoiceLoader([DictLoader({"account/roles.html": template}), environment.loader])
    assert run_tests(tests, request, monkeypatch) == 1
