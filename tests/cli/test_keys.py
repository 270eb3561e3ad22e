"""`authserver keys` and `authserver db`, run as an administrator runs them."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from authserver.master_key import new_key
from tests.cli.command import run_command

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command in an empty folder, with a database of its own."""

    def run(*arguments: str, status: int = 0, **environ: str) -> "CompletedProcess[str]":
        done = run_command(arguments, tmp_path, environ)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        # Lines for machines are what `serve` writes.
        assert not any(line.startswith("{") or "event=" in line for line in done.stderr.splitlines())
        return done

    return run


def _states(run: Run) -> dict[str, str]:
    found = json.loads(run("keys", "list", "--json").stdout)
    return {key["kid"]: key["state"] for key in found}


def test_a_database_without_tables_is_named_and_the_remedy_with_it(run: Run) -> None:
    assert "authserver db upgrade" in run("keys", "list", status=1).stderr
    assert "authserver db upgrade" in run("db", "check", status=1).stderr
    run("db", "upgrade")
    run("db", "check")
    assert "Nothing to do" in run("db", "upgrade").stdout
    assert run("keys", "list").stdout.startswith("KID")


@pytest.mark.parametrize("command", ["upgrade", "check"])
def test_a_database_that_cannot_be_opened_is_named_in_one_line(run: Run, command: str) -> None:
    said = run("db", command, status=1, AUTHSERVER_DATABASE_URL="sqlite:////nowhere/authserver.db").stderr
    assert said == "authserver: the database cannot be reached: unable to open database file\n"


def test_an_unreachable_database_is_said_in_words_without_its_password(run: Run) -> None:
    url = "postgresql://user:sesame-open@127.0.0.1:1/none"
    said = run("keys", "list", status=1, AUTHSERVER_DATABASE_URL=url).stderr
    assert "cannot be reached" in said
    assert "sesame-open" not in said


def test_keys_are_rotated_listed_and_revoked(run: Run) -> None:
    run("db", "upgrade")
    done = run("keys", "rotate")
    assert (len(done.stdout.splitlines()), done.stderr.count("key:")) == (1, 0)
    first = done.stdout.split()[0]
    waiting = run("keys", "rotate").stdout.split()[0]
    assert _states(run) == {first: "active", waiting: "next"}
    said = run("keys", "rotate", "--now")
    assert said.stdout.startswith(f"{waiting} is published and will sign from ")
    assert "unknown kid" in said.stderr
    assert _states(run) == {first: "active", waiting: "next"}
    said = run("keys", "rotate", "--at-once")
    assert said.stdout == f"{waiting} signs from now on.\n"
    assert "up to five seconds" in said.stderr
    assert _states(run) == {first: "retired", waiting: "active"}
    run("keys", "revoke", "--at-once", waiting)
    assert sorted(_states(run).values()) == ["active", "retired", "revoked"]
    assert "no signing key" in run("keys", "revoke", waiting, status=1).stderr
    kept = [json.loads(line) for line in run("events", "list", "--json", "--name", "server:key").stdout.splitlines()]
    told = [(each["name"], each["detail"]["kid"], each["detail"].get("begins")) for each in kept]
    # The second rotation found the successor already made.
    assert told == [
        ("server:key:rotated", first, "ahead"),
        ("server:key:rotated", waiting, "ahead"),
        ("server:key:rotated", waiting, "soon"),
        ("server:key:rotated", waiting, "at_once"),
        ("server:key:revoked", waiting, None),
    ]
    assert {each["detail"]["through"] for each in kept} == {"command line"}
    (active,) = [kid for kid, state in _states(run).items() if state == "active"]
    assert kept[-1]["detail"]["successor"] == active


def test_a_rotation_that_changes_nothing_leaves_no_event(run: Run) -> None:
    run("db", "upgrade")
    waiting = [run("keys", "rotate").stdout.split()[0] for _ in range(3)][1:]
    assert len(set(waiting)) == 1
    assert len(run("events", "list", "--name", "server:key", "--json").stdout.splitlines()) == 2


def test_a_key_whose_event_cannot_be_kept_is_neither_made_nor_revoked(run: Run, tmp_path: Path) -> None:
    def rename(before: str, after: str) -> None:
        with closing(sqlite3.connect(tmp_path / "authserver.db")) as database, database:
            database.execute(f"ALTER TABLE {before} RENAME TO {after}")

    run("db", "upgrade")
    active = run("keys", "rotate").stdout.split()[0]
    rename("events", "away")
    for arguments in (["rotate"], ["revoke", "--at-once", active], ["revoke", active]):
        assert run_command(["keys", *arguments], tmp_path, {}).returncode == 1
        assert _states(run) == {active: "active"}


@pytest.mark.slow
def test_the_active_key_is_revoked_once_another_one_signs(run: Run) -> None:
    run("db", "upgrade")
    first = run("keys", "rotate").stdout.split()[0]
    assert _states(run) == {first: "active"}
    assert "another key signs from" in run("keys", "revoke", first).stderr
    states = _states(run)
    assert states.pop(first) == "revoked"
    ((second, state),) = states.items()
    assert state == "active"
    kept = [json.loads(line) for line in run("events", "list", "--json", "--name", "server:key").stdout.splitlines()]
    told = [(each["name"], each["detail"]["kid"], each["detail"].get("begins")) for each in kept]
    assert told == [
        ("server:key:rotated", first, "ahead"),
        ("server:key:rotated", second, "soon"),
        ("server:key:revoked", first, None),
    ]


def test_a_key_whose_kid_begins_with_a_dash_can_be_revoked(run: Run) -> None:
    run("db", "upgrade")
    for kid in ("-kid", "-hkid", "--kid"):
        assert f"no signing key {kid}" in run("keys", "revoke", kid, status=1).stderr


def test_the_master_key_is_changed_step_by_step_as_the_command_says(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    run("keys", "rotate")
    path = tmp_path / "keys" / "master.key"
    old = path.read_text().strip()
    new = run("keys", "new-master-key").stdout.strip()
    path.write_text(f"{new}\n{old}\n")
    said = run("keys", "change-master-key").stdout
    assert said.startswith("signing_keys: 1 of 1 re-encrypted\n")
    assert "every line but the first" in said
    path.write_text(f"{new}\n")
    run("keys", "rotate", "--now")
    path.write_text(f"{old}\n")
    assert "add the old key" in run("keys", "rotate", status=1).stderr


def test_without_a_master_key_away_from_loopback_no_key_is_made(run: Run, tmp_path: Path) -> None:
    public = {"AUTHSERVER_ISSUER": "https://sso.example.com"}
    run("db", "upgrade")
    assert "new-master-key" in run("keys", "rotate", status=1, **public).stderr
    assert not (tmp_path / "keys").exists()
    run("keys", "rotate", **public, AUTHSERVER_MASTER_KEY=new_key())


@pytest.mark.parametrize("command", ["rotate", "change-master-key"])
def test_what_is_doubtful_about_the_settings_is_said_once(run: Run, command: str) -> None:
    run("db", "upgrade")
    assert run("keys", command, AUTHSERVER_IMAGE_TAG="1").stderr.count("AUTHSERVER_IMAGE_TAG") == 1


def test_who_fetched_the_keys_is_listed(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    run("keys", "rotate")
    with closing(sqlite3.connect(tmp_path / "authserver.db")) as database, database:
        since = int(time.time()) - 3 * 86400
        row = (b"x" * 32, "192.0.2.7", "guard/1", "reports", since, since + 90000)
        database.execute("INSERT INTO jwks_readers VALUES (?, ?, ?, ?, ?, ?)", row)
    assert run("keys", "readers").stdout.splitlines()[1].split()[0::7] == ["192.0.2.7", "no"]
    assert run("keys", "readers").stdout.rstrip().endswith("reports guard/1")
    (found,) = json.loads(run("keys", "readers", "--json").stdout)
    assert (found["address"], found["has_newest"], found["last_at"]) == ("192.0.2.7", False, since + 90000)
    assert "1 of the APIs that fetch the JWKS lack the newest key" in run("keys", "list").stdout
