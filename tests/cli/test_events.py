"""`authserver events` and the command itself."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from authserver.cli import COMMANDS, main
from authserver.store import events, users
from tests.conftest import open_database
from tests.patience import PATIENCE, eventually


@pytest.fixture
def environ(tmp_path: Path, sqlite_template: Path) -> dict[str, str]:
    url = f"sqlite:///{tmp_path / 'authserver.db'}"
    (tmp_path / "authserver.db").write_bytes(sqlite_template.read_bytes())
    database = open_database(url)
    with database.write() as connection:
        detail = json.dumps({"reason": "wrong\x1b[2K"})
        failed = {
            "at": 1_800_000_000,
            "name": "user:login:failed",
            "sub": None,
            "client_id": "portal",
            "detail": detail,
        }
        events.append(
            connection, [failed, failed | {"name": "token:access_token:issued", "sub": "ada", "detail": "{}"}]
        )
    database.engine.dispose()
    return {"AUTHSERVER_DATABASE_URL": url}


def test_events_are_listed_oldest_first_and_cannot_write_to_the_terminal(environ: dict[str, str]) -> None:
    done = CliRunner().invoke(main, ["events", "list"], env=environ, catch_exceptions=False)
    first, second = done.output.splitlines()
    assert first.startswith("2027-01-15 08:00:00Z user:login:failed")
    assert 'client_id="portal" reason="wrong\\u001b[2K"' in first
    assert "token:access_token:issued" in second


def test_events_are_filtered_and_written_as_json(environ: dict[str, str]) -> None:
    done = CliRunner().invoke(main, ["events", "list", "--name", "token:", "--json"], env=environ)
    (event,) = map(json.loads, done.output.splitlines())
    assert (event["name"], event["sub"], event["at"], event["detail"]) == (
        "token:access_token:issued",
        "ada",
        1_800_000_000,
        {},
    )


@pytest.mark.parametrize("command", ["list", "follow"])
@pytest.mark.parametrize(("name", "meant"), [("user:logn:failed", "user:login:failed"), ("tokens:", "token:")])
def test_a_name_that_no_event_has_is_refused_with_the_nearest(
    environ: dict[str, str], command: str, name: str, meant: str
) -> None:
    done = CliRunner().invoke(main, ["events", command, "--name", name], env=environ)
    assert done.exit_code == 2
    assert f"did you mean {meant}" in done.stderr


def test_events_are_followed_by_one_command(environ: dict[str, str]) -> None:
    assert CliRunner().invoke(main, ["events", "--follow"], env=environ).exit_code == 2
    assert "Print events as they happen" in CliRunner().invoke(main, ["events", "--help"], env=environ).output


def test_events_of_a_person_are_found_by_username_and_by_sub_even_when_they_are_gone(environ: dict[str, str]) -> None:
    database = open_database(environ["AUTHSERVER_DATABASE_URL"])
    with database.write() as connection:
        grace = users.add(connection, username="grace", now=5)
        events.append(connection, [{"at": 5, "name": "user:login:failed", "sub": grace.sub, "detail": "{}"}])
    database.engine.dispose()
    for who in ("GRACE", grace.sub):
        done = CliRunner().invoke(main, ["events", "list", "--user", who, "--json"], env=environ)
        assert [json.loads(line)["sub"] for line in done.output.splitlines()] == [grace.sub]
    done = CliRunner().invoke(main, ["events", "list", "--user", "ada", "--json"], env=environ)
    assert [json.loads(line)["sub"] for line in done.output.splitlines()] == ["ada"]


def test_events_are_followed_as_they_happen(environ: dict[str, str]) -> None:
    command = [sys.executable, "-c", "from authserver.cli import main; main()", "events", "follow", "--user", "ada"]
    with subprocess.Popen(command, env=os.environ | environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        database = open_database(environ["AUTHSERVER_DATABASE_URL"])
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.append(process.stdout.readline()))  # type: ignore[union-attr]
        reader.start()

        def told() -> bool:
            # It says what happens from its start on, and does not say when that is.
            with database.write() as connection:
                events.append(connection, [{"at": 1, "name": "user:login:failed", "sub": "ada", "detail": "{}"}])
            return bool(lines)

        eventually(told, pause=0.2)
        reader.join(PATIENCE)
        database.engine.dispose()
        process.terminate()
    assert "user:login:failed" in lines[0]
    assert 'sub="ada"' in lines[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    done = CliRunner().invoke(main, [name, "--help"], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: main {name}")


def test_help_names_every_command_without_importing_any() -> None:
    done = CliRunner().invoke(main, ["--help"])
    assert all(f"  {name} " in done.output for name in COMMANDS)


def test_wrong_settings_are_all_named_with_their_variables() -> None:
    done = CliRunner().invoke(
        main, ["serve"], env={"AUTHSERVER_PORT": "99999", "AUTHSERVER_ISSUER": "http://a.example"}
    )
    assert done.exit_code == 2
    assert "AUTHSERVER_PORT" in done.output
    assert "AUTHSERVER_ISSUER" in done.output


def test_events_are_listed_of_one_request(environ: dict[str, str]) -> None:
    database = open_database(environ["AUTHSERVER_DATABASE_URL"])
    with database.write() as connection:
        row = {"at": 1_800_000_000, "name": "user:logout:done", "sub": "ada", "detail": "{}", "request_id": "a1"}
        events.append(connection, [row])
    database.engine.dispose()
    done = CliRunner().invoke(main, ["events", "list", "--request", "a1", "--json"], env=environ)
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["user:logout:done"]
