"""`authserver db`, and what `serve` says of a schema that it cannot work on."""

import sqlite3
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from authserver.store.upkeep import migrations
from tests.cli.command import run_command
from tests.ports import free_port

Run = Callable[..., "CompletedProcess[str]"]
RELEASE = version("authserver")
NEEDS = "this release (" + RELEASE + ") works up to {head}: install release 9.8.7 or a newer one"


@pytest.fixture
def run(tmp_path: Path, url: str) -> Run:
    def run(*arguments: str, status: int = 0) -> "CompletedProcess[str]":
        environ = {"AUTHSERVER_PORT": str(free_port()), "AUTHSERVER_LOG_FORMAT": "json"}
        done = run_command(arguments, tmp_path, environ)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run


def change(folder: Path, sql: str) -> None:
    with sqlite3.connect(folder / "authserver.db") as connection:
        connection.execute(sql)
    connection.close()


@pytest.mark.parametrize(
    "command",
    [("db", "upgrade"), ("db", "check"), ("serve",), ("serve", "--no-migrate"), ("keys", "list"), ("users", "list")],
    ids=" ".join,
)
def test_a_database_newer_than_the_release_is_said_in_one_sentence(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    change(tmp_path, "UPDATE alembic_version SET version_num = '9000', release = '9.8.7', works_from = '9000'")
    said = run(*command, status=1).stderr.replace("authserver: the server cannot start:\n  ", "authserver: ")
    needs = NEEDS.format(head=migrations.head())
    assert said == f"authserver: the database is at revision 9000, and {needs}\n"


def test_the_status_says_who_made_it_and_who_can_work_on_it(run: Run, tmp_path: Path) -> None:
    head = migrations.head()
    current = run("db", "status").stdout
    assert f"Database: {head}, made by release {RELEASE}\n" in current
    assert current.endswith("This release can work on it.\n")
    change(tmp_path, "UPDATE alembic_version SET version_num = '9000', release = '9.8.7'")
    assert "\nWorks with: release 0.2.0 and newer\n" in current
    adds = run("db", "status").stdout
    assert "Database: 9000, made by release 9.8.7\n" in adds
    assert adds.endswith("This release can work on it.\n")
    change(tmp_path, "UPDATE alembic_version SET works_from = '9000'")
    takes_away = run("db", "status").stdout
    assert "install release 9.8.7 or a newer one" in takes_away
    assert "\nWorks with: release 9.8.7 and newer\n" in takes_away


def test_the_status_names_what_an_upgrade_would_run(run: Run, tmp_path: Path) -> None:
    (tmp_path / "authserver.db").unlink()
    said = run("db", "status").stdout
    assert said.startswith("Database: without tables\n")
    assert "To run: 0001_first_tables\n" in said
    assert said.endswith("run `authserver db upgrade`\n")


def test_serve_leaves_the_schema_alone_where_it_is_told_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / "authserver.db").unlink()
    assert "run `authserver db upgrade`" in run("serve", "--no-migrate", status=1).stderr
    assert run("db", "status").stdout.startswith("Database: without tables\n")
