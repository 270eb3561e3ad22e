"""`authserver clients check --database`: names that people have although no file declares them."""

import json
from pathlib import Path

import pytest

from authserver.store import directory, users
from authserver.store.database import Database
from tests.cli.command import run_command

NOW = 1_800_000_000


def check(folder: Path, *options: str) -> tuple[int, str, str]:
    done = run_command(["clients", "check", "--database", *options], folder, {})
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_they_are_named_with_how_many_people_have_them_and_what_was_probably_meant(
    tmp_path: Path, kept: Database
) -> None:
    with kept.write() as connection:
        for username, roles in (("ada", ["moderater", "user"]), ("gus", ["moderater"]), ("mia", ["admin"])):
            sub = users.add(connection, username=username, roles=roles, now=NOW).sub
            directory.set_groups(connection, sub, ["sales", "xyz"] if username == "mia" else ["sales"], NOW)
    status, stdout, stderr = check(tmp_path)
    assert (status, "warnings: 0" in stdout) == (0, True)
    assert stderr.splitlines() == [
        "warning: 2 people have the role moderater, which is no longer declared and gives nothing; "
        "did you mean moderator?",
        "warning: 1 person has the group xyz, which is no longer declared and gives nothing",
    ]
    assert json.loads(check(tmp_path, "--json")[1])["database"] == [
        {"kind": "role", "name": "moderater", "people": 2, "meant": "moderator"},
        {"kind": "group", "name": "xyz", "people": 1, "meant": None},
    ]


def test_where_every_name_is_declared_there_is_nothing_to_say(tmp_path: Path, kept: Database) -> None:
    with kept.write() as connection:
        users.add(connection, username="ada", roles=["admin"], now=NOW)
    status, _, stderr = check(tmp_path)
    assert (status, stderr) == (0, "")
    assert json.loads(check(tmp_path, "--json")[1])["database"] == []


@pytest.mark.usefixtures("url")
def test_what_is_doubtful_about_the_settings_is_said_once(tmp_path: Path) -> None:
    done = run_command(["clients", "check", "--database"], tmp_path, {"AUTHSERVER_IMAGE_TAG": "1"})
    assert done.stderr.count("AUTHSERVER_IMAGE_TAG") == 1


def test_a_database_of_another_release_is_said_in_words(tmp_path: Path, url: str) -> None:
    (tmp_path / "authserver.db").unlink()
    status, _, stderr = check(tmp_path)
    assert status == 1
    assert "run `authserver db upgrade`" in stderr
