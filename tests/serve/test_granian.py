"""What `serve` knows of granian: the version that was looked at, and what of it is used.

When the version moves: read its changes and docs/decisions/granian.md, look again at serve/parent.py and serve/slow.py,
run all of tests/serve, the slow ones too, and then name the new version here, in pyproject.toml and in constraints.txt.
"""

import ast
import re
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

from granian.http import HTTP1Settings

LOOKED_AT = "2.8.9"
ROOT = Path(__file__).parents[2]
# What granian's documentation shows to everyone.
OFFERED = {"granian", "granian.constants", "granian.http"}


def test_the_version_is_the_one_that_was_looked_at() -> None:
    assert version("granian") == LOOKED_AT
    pinned = (ROOT / "pyproject.toml").read_text() + (ROOT / "constraints.txt").read_text()
    assert re.findall(r"granian[^\s\",]*", pinned) == [f"granian=={LOOKED_AT}"] * 2


def test_nothing_is_imported_but_what_it_offers_and_nothing_of_it_is_changed() -> None:
    imported, bases = set(), set()
    for file in (ROOT / "authserver").rglob("*.py"):
        names: set[str] = set()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "granian":
                imported.add(node.module)
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names if alias.name.partition(".")[0] == "granian"}
            elif isinstance(node, ast.ClassDef):
                bases |= {ast.unparse(base) for base in node.bases} & names
    assert imported == OFFERED
    assert bases == set()


def test_it_still_has_no_time_limit_for_a_body() -> None:
    # As soon as it has one, serve/slow.py can go.
    settings = {field.name for field in fields(HTTP1Settings)}
    assert settings == {"header_read_timeout", "keep_alive", "max_buffer_size", "pipeline_flush"}
