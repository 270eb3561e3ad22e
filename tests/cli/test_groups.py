"""The commands of each group, which its help lists without importing them; each is imported alone."""

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from authserver.cli import COMMANDS, GROUPS, imported
from tests.patience import PATIENCE

LISTED = {f"{group} {name}": target for group, (_, listed) in GROUPS.items() for name, (target, _) in listed.items()}
TARGETS = LISTED | {name: target for name, (target, _) in COMMANDS.items() if target}
# Each with what a command that opens no database does without.
DATABASE = {"sqlalchemy", "psycopg", "alembic", "authserver.people", "authserver.signin", "authserver.mail"}
# Those that only read of people.
READ = ("users list", "users check", "users show")
LEAN = ("clients new-secret", "clients schema", "clients list", "clients check", "keys new-master-key", "init")
# Modules of the package that one of them may import; all of them together are some 250.
MOST_OF_OURS = {"clients new-secret": 35, "keys new-master-key": 25, "init": 30}
# In a process for all: each is imported in a fork, which has what every command has and nothing of the others.
LOOK = """
import json, os, sys
from authserver import cli
cli._import_lean("authserver.logs")
for target in json.loads(sys.argv[1]):
    if os.fork():
        os.wait()
    else:
        cli.imported(target)
        print(json.dumps([target, sorted(sys.modules)]), flush=True)
        os._exit(0)
"""


@cache
def modules() -> dict[str, set[str]]:
    """What is imported with each command, by its target."""
    given = json.dumps(sorted({*TARGETS.values()}))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    # As long for each of them.
    patience = PATIENCE * len(TARGETS)
    done = subprocess.run(
        [sys.executable, "-c", LOOK, given], capture_output=True, text=True, check=True, timeout=patience, env=environ
    )
    return {target: set(found) for target, found in map(json.loads, done.stdout.splitlines())}


def test_what_is_a_group_has_commands_and_all_else_is_one() -> None:
    assert {name for name, (target, _) in COMMANDS.items() if target is None} == set(GROUPS)


@pytest.mark.parametrize("name", TARGETS)
def test_each_command_has_the_name_that_it_is_listed_with(name: str) -> None:
    assert imported(TARGETS[name]).name == name.rsplit(maxsplit=1)[-1]


@pytest.mark.parametrize("name", TARGETS)
def test_a_command_imports_none_of_the_others(name: str) -> None:
    own = _module(TARGETS[name])
    others = {_module(each) for each in TARGETS.values()} - {own}
    # A package is imported with whatever stands in it.
    others -= {own[:place] for place in range(len(own)) if own[place] == "."}
    assert others & modules()[TARGETS[name]] == set()


@pytest.mark.parametrize("name", LEAN)
def test_what_opens_no_database_imports_none(name: str) -> None:
    assert DATABASE & modules()[TARGETS[name]] == set()


@pytest.mark.parametrize("name", READ)
def test_what_only_reads_imports_no_letters_and_no_pages(name: str) -> None:
    assert {"authserver.people", "authserver.mail", "flask", "jinja2"} & modules()[TARGETS[name]] == set()


@pytest.mark.parametrize("name", MOST_OF_OURS)
def test_a_small_command_imports_few_modules(name: str) -> None:
    ours = [each for each in modules()[TARGETS[name]] if each.startswith("authserver")]
    assert len(ours) <= MOST_OF_OURS[name], sorted(ours)


def _module(target: str) -> str:
    return f"authserver.cli.{target.partition(':')[0]}"
