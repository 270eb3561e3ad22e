"""What a start leaves out: nearly all of it is imports, so what the first answer can do without comes later."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from authserver.cli import GROUPS, UNNEEDED
from authserver.clients.file.on_disk import LARGE
from tests.patience import PATIENCE

HELP = ("authserver.cli", "authserver.logs")
COMMANDS = "from authserver.cli import SERVED_BY, import_in_turn, main"
COMMAND = "main.get_command(None, 'serve')"
# As `authserver serve` imports it, up to the fork.
SERVE = f"{COMMAND}; gc.disable(); import_in_turn(*SERVED_BY); import authserver.serve.parent"
COLLECTIONS = "sum(each['collections'] for each in gc.get_stats())"
# Half a millisecond each. What few requests need is imported with the first of them.
MOST, MOST_OF_OURS = 1400, 490
# Modules within each other's import: as deep as calls go then, Python's memory for them comes and goes.
DEEPEST = 16
# Each for a part of what a server can do, or for none of it.
LATER = {
    *("PIL", "alembic", "dns", "flask_sqlalchemy", "opentelemetry", "prometheus_client", "psycopg", "pyrage"),
    *("rapidfuzz", "redis", "requests", "rich", "segno", "sqlalchemy.orm", "ua_parser", "urllib3", "webauthn"),
    # For usernames that are not ASCII.
    *("precis_i18n", "regex"),
    # One of the two comes with the database.
    *("sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "sqlite3"),
    # What only the pages for administrators need, the first of which imports them all.
    *("authserver.admin.views", "authserver.explain", "authserver.people.lines.person"),
}
# What of a start is there when it begins a process, until it has begun two.
AT_EACH_FORK = """
import os, sys
from authserver.cli import main
begin, begun = os.fork, []
def fork():
    begun.append(1)
    print([each for each in ("authserver.clients.load", "granian") if each in sys.modules], flush=True)
    return begin() if len(begun) == 1 else os._exit(0)
os.fork = fork
main(["serve"])
"""


def answer(program: str, asked: str) -> Any:
    """What an expression gives after a program has run in a process of its own."""
    look = f"import gc, json, sys; {COMMANDS}; {program}; print(json.dumps({asked}))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=PATIENCE)
    return json.loads(done.stdout.splitlines()[-1])


def imported(program: str) -> set[str]:
    """The modules that are there after it has run."""
    return set(answer(program, "sorted(sys.modules)"))


@pytest.fixture(scope="module")
def of_serve() -> set[str]:
    return imported(SERVE)


def test_serve_imports_what_it_answers_with(of_serve: set[str]) -> None:
    assert {"authserver.application", "authserver.serve.worker", "granian", "structlog"} <= of_serve


@pytest.mark.parametrize("name", sorted(LATER))
def test_serve_leaves_out_what_the_first_answer_can_do_without(of_serve: set[str], name: str) -> None:
    assert name not in of_serve


def test_a_start_imports_no_more_modules_than_it_did(of_serve: set[str]) -> None:
    ours = [name for name in of_serve if name.startswith("authserver")]
    assert (len(of_serve) <= MOST, len(ours) <= MOST_OF_OURS) == (True, True), (len(of_serve), len(ours))


def test_no_garbage_is_looked_for_while_a_command_is_imported() -> None:
    assert answer(f"before = {COLLECTIONS}; {COMMAND}", f"[{COLLECTIONS} - before, gc.isenabled()]") == [0, True]


def test_settings_are_shown_to_no_plugin_of_pydantic() -> None:
    assert answer(COMMAND, "sys.modules['pydantic.plugin._loader']._plugins") is None


def test_the_help_knows_every_command_and_imports_none() -> None:
    found = imported("main(['--help'], standalone_mode=False)")
    assert {name for name in found if name.startswith("authserver")} == {"authserver", "authserver.cli"}


@pytest.mark.parametrize("name", GROUPS)
def test_so_does_the_help_of_a_group(name: str) -> None:
    found = imported(f"main([{name!r}, '--help'], standalone_mode=False)")
    assert {each for each in found if each.startswith("authserver")} == {"authserver", *HELP}
    assert {"pydantic", "sqlalchemy"}.isdisjoint(found)


@pytest.mark.parametrize("name", UNNEEDED.values())
def test_what_a_library_does_without_can_still_be_imported(name: str) -> None:
    assert name in imported(f"{SERVE}; import {name}")


def test_babel_looks_for_the_zone_of_this_machine_in_no_file_of_pytz() -> None:
    assert answer(SERVE, "sys.modules['babel.localtime._helpers'].pytz") is None


def test_imports_are_no_more_deeply_nested_than_they_were() -> None:
    command = [sys.executable, "-X", "importtime", "-c", f"import gc; {COMMANDS}; {SERVE}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stderr
    indents = re.findall(r"^import time: +\d+ \| +\d+ \| ( *)", said, re.MULTILINE)
    assert len(indents) > MOST_OF_OURS
    assert max(map(len, indents)) <= 2 * DEEPEST


def test_a_large_clients_file_is_read_while_its_rules_are_imported_and_checked_while_the_server_is(
    tmp_path: Path,
) -> None:
    file = tmp_path / "clients.yaml"
    file.write_text("#" * (LARGE + 1))
    environ = os.environ | {"AUTHSERVER_CLIENTS_FILE": str(file)}
    found = subprocess.check_output([sys.executable, "-c", AT_EACH_FORK], env=environ, timeout=PATIENCE)
    assert found.split() == [b"[]", b"['authserver.clients.load']"]
