"""No test fails because its machine is busy: what it waits for, it waits for a minute at the least."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE

FOLDER = Path(__file__).parent
FILES = [path for path in sorted(FOLDER.rglob("*.py")) if path.name != "patience.py"]
# Those whose first argument is how many seconds to wait.
WAITS = {"wait", "join", "settimeout"}
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "thread_time"}


def waits(tree: ast.AST) -> Iterator[tuple[int, float]]:
    """The lines on which something waits for no longer than so many seconds, which are written out there."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = [keyword.value for keyword in node.keywords if keyword.arg == "timeout"]
        for value in [*given, *(node.args[:1] if name in WAITS else [])]:
            if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
                yield node.lineno, value.value


def test_what_is_waited_for_has_a_minute() -> None:
    assert PATIENCE >= 60
    found = [
        f"{path.relative_to(FOLDER)}:{line} waits {seconds} s"
        for path in FILES
        for line, seconds in waits(ast.parse(path.read_text()))
        # Not to wait at all is no deadline.
        if 0 < seconds < 60
    ]
    assert found == [], "wait for PATIENCE, or eventually()"


def test_no_test_measures_how_long_something_takes() -> None:
    found = [
        f"{path.relative_to(FOLDER)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in CLOCKS)
        or (isinstance(node, ast.ImportFrom) and node.module == "time" and {each.name for each in node.names} & CLOCKS)
    ]
    assert found == [], "count what is done"


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.is_relative_to(FOLDER / "browser")], ids=lambda p: p.name
)
def test_a_browser_waits_as_long(path: Path) -> None:
    # Playwright gives up after 5 or 30 seconds, but for contexts that are made in one place.
    assert path.name == "context.py" or "chromium.new_context(" not in path.read_text()
