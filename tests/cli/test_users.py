"""`authserver users`, run as an administrator runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from authserver.accounts.password import Passwords
from authserver.store import users
from authserver.store.tables import events
from tests.conftest import make_settings, open_database

Run = Callable[..., "subprocess.CompletedProcess[str]"]
CLIENTS = "roles: {user: [], moderator: [], admin: []}\ndefault_role: user\n"
PASSWORD = " Correct horse 1! "


@pytest.fixture
def url(tmp_path: Path, sqlite_template: Path) -> str:
    (tmp_path / "authserver.db").write_bytes(sqlite_template.read_bytes())
    (tmp_path / "clients.yaml").write_text(CLIENTS)
    return f"sqlite:///{tmp_path / 'authserver.db'}"


@pytest.fixture
def run(tmp_path: Path, url: str) -> Run:
    """Runs the command in a folder with a migrated database and a clients.yaml."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    cheap = {"AUTHSERVER_PASSWORD_HASH_MEMORY": "8192", "AUTHSERVER_PASSWORD_HASH_TIME": "1"}

    def run(*arguments: str, given: str = "", status: int = 0) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", "from authserver.cli import main; main()", "users", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=clean | cheap, input=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def test_a_person_is_added_shown_changed_shut_out_and_let_in_again(run: Run, url: str) -> None:
    added = run(
        "add", "Ada", "--email", "Ada@Example.com", "--name", "Ada L", "--password-stdin", given=PASSWORD + "\n"
    )
    assert "roles: user" in added.stdout
    shown = json.loads(run("show", "ada@example.com", "--json").stdout)
    assert (shown["username"], shown["name"], shown["roles"]) == ("ada", "Ada L", ["user"])
    assert shown["has_password"]
    run("roles", "ada", "moderator", "admin")
    run("disable", shown["sub"])
    listed = json.loads(run("list", "--json").stdout)
    assert [(each["roles"], each["disabled_at"] is not None) for each in listed] == [(["admin", "moderator"], True)]
    assert "disabled" in run("list").stdout
    run("enable", "ada")
    run("set-password", "ada", "--password-stdin", given="another")

    database = open_database(url)
    with database.read() as connection:
        ada = users.by_login(connection, "ada")
        told = [row.name for row in connection.execute(events.select().order_by(events.c.id))]
    database.engine.dispose()
    assert ada is not None
    assert Passwords(make_settings()).verify(ada.password_hash, "another")
    assert told == [
        "user:account:created",
        "user:roles:changed",
        "user:account:disabled",
        "user:account:enabled",
        "user:password:set",
    ]


def test_a_password_from_standard_input_counts_with_its_spaces_and_is_shown_nowhere(run: Run, url: str) -> None:
    done = run("add", "ada", "--password-stdin", given=PASSWORD + "\n")
    assert PASSWORD.strip() not in done.stdout + done.stderr
    database = open_database(url)
    with database.read() as connection:
        ada = users.by_login(connection, "ada")
    database.engine.dispose()
    assert ada is not None
    assert Passwords(make_settings()).verify(ada.password_hash, PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (("show", "nobody"), "", "nobody has this username"),
        (("add", "a b", "--password-stdin"), "x", "letters, digits"),
        (("add", "ada", "--email", "ada", "--password-stdin"), "x", "e-mail address"),
        (("add", "ada", "--role", "moderatr", "--password-stdin"), "x", "did you mean moderator?"),
        (("add", "ada", "--password-stdin"), "", "1 to 256 characters"),
        (("add", "ada", "--password-stdin"), "x" * 257, "1 to 256 characters"),
    ],
)
def test_what_cannot_be_is_said_in_words(run: Run, arguments: tuple[str, ...], given: str, said: str) -> None:
    assert said in run(*arguments, given=given, status=1).stderr


def test_a_taken_name_is_refused(run: Run) -> None:
    run("add", "ada", "--password-stdin", given="x")
    assert "taken" in run("add", "ADA", "--password-stdin", given="x", status=1).stderr
