"""`authserver clients plan`: what a change would do, in words and as JSON, with a status that a pipeline can read."""

import json
import os
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import update

from authserver.store import users
from authserver.store.database import Database
from authserver.store.registration import clients
from authserver.store.tables import users as table
from tests.cli.command import run_command
from tests.cli.conftest import CLIENTS

NOW = 1_800_000_000


@pytest.fixture
def people(kept: Database) -> None:
    with kept.write() as connection:
        for name in ("ada", "bob"):
            users.add(connection, username=name, roles=["moderator"], now=NOW)


def plan(folder: Path, text: str, *options: str) -> "CompletedProcess[str]":
    (folder / "new.yaml").write_text(text)
    done = run_command(["clients", "plan", "new.yaml", *options], folder, {})
    assert "Traceback" not in done.stderr
    return done


def test_a_change_that_takes_nothing_ends_with_nought(tmp_path: Path, people: None) -> None:
    done = plan(tmp_path, CLIENTS)
    assert (done.returncode, done.stdout) == (0, "new.yaml: nobody would notice a difference from clients.yaml\n")
    done = plan(tmp_path, CLIENTS.replace("admin: []", "admin: [], boss: []"))
    assert done.returncode == 0


def test_what_is_lost_is_said_and_ends_with_three(tmp_path: Path, people: None) -> None:
    changed = CLIENTS.replace(", moderator: []", "").replace("[moderator]", "[admin]")
    done = plan(tmp_path, changed)
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        "lost    role moderator is lost (2 people)",
        "new.yaml instead of clients.yaml: 1 lost, 0 gained, 0 to know",
    ]
    assert "role moderator is lost (2 people: ada, bob)" in plan(tmp_path, changed, "--who").stdout
    found = json.loads(plan(tmp_path, changed, "--json", "--who").stdout)
    assert found["consequences"] == [
        {"effect": "lost", "subject": "role moderator", "what": "is lost", "people": 2, "who": ["ada", "bob"]}
    ]


def test_an_expectation_that_would_not_hold_ends_with_four(tmp_path: Path, people: None) -> None:
    done = plan(tmp_path, f"{CLIENTS}expect: [ada has role admin, ada has role moderator]\n")
    assert done.returncode == 4
    assert done.stdout.splitlines() == [
        "expect  new.yaml:5: ada has role admin: the roles are moderator",
        "new.yaml: nobody would notice a difference from clients.yaml; 1 of 2 expectations met",
    ]
    (missed,) = json.loads(plan(tmp_path, f"{CLIENTS}expect: [ada has role admin]\n", "--json").stdout)["disappointed"]
    assert missed == {"text": "ada has role admin", "why": "the roles are moderator", "line": 5}


def test_a_file_that_is_compared_with_itself_is_noted(tmp_path: Path, people: None) -> None:
    (tmp_path / "link.yaml").symlink_to("clients.yaml")
    for name in ("clients.yaml", "./clients.yaml", "link.yaml"):
        done = run_command(["clients", "plan", name, "--json"], tmp_path, {})
        assert (done.returncode, json.loads(done.stdout)["consequences"]) == (0, [])
        assert "is compared with itself; --against names the file from before the change" in done.stderr
    assert plan(tmp_path, CLIENTS).stderr == ""


@pytest.mark.parametrize("content", [CLIENTS.replace("\n", "\r\n").encode(), CLIENTS.encode("utf-8-sig")])
def test_line_ends_and_marks_of_other_systems_make_no_difference(tmp_path: Path, people: None, content: bytes) -> None:
    (tmp_path / "new.yaml").write_bytes(content)
    done = run_command(["clients", "plan", "new.yaml"], tmp_path, {})
    assert (done.returncode, done.stderr) == (0, "")


UNREADABLE = {
    "missing.yaml:1:1: cannot be read: No such file or directory": None,
    "empty.yaml:1:1: the file is empty": b"",
    "utf16.yaml:1:1: not UTF-8": CLIENTS.encode("utf-16"),
    "latin.yaml:4:39: not UTF-8": CLIENTS.replace("Nightly", "N\u00e4chtlich").encode("latin-1"),
    "large.yaml:1:1: the file is larger than 16 MiB": b"#" * (2**24 + 1),
    "broken.yaml:2:1: not YAML: ": b"clients: [\n",
}


@pytest.mark.parametrize(("said", "content"), UNREADABLE.items())
def test_a_file_that_is_none_is_refused_in_a_line(
    tmp_path: Path, people: None, said: str, content: bytes | None
) -> None:
    name = said.partition(":")[0]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = run_command(["clients", "plan", name], tmp_path, {})
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    assert done.stderr.startswith(said)


def test_a_pipe_or_a_folder_is_no_file(tmp_path: Path, people: None) -> None:
    os.mkfifo(tmp_path / "pipe")
    for options in ([], ["--at", "http://127.0.0.1:1"]):
        done = run_command(["clients", "plan", "pipe", *options], tmp_path, {})
        assert (done.returncode, done.stderr) == (1, "pipe:1:1: this is not a regular file\n")
    assert run_command(["clients", "plan", "."], tmp_path, {}).returncode == 2


def test_a_faulty_file_is_refused_with_its_faults(tmp_path: Path, people: None) -> None:
    done = plan(tmp_path, f"{CLIENTS}expect: [ada has role moderater, ada is nice]\n")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "new.yaml:5:10: expect[0]: no role is named moderater; did you mean moderator?",
        "new.yaml:5:34: expect[1]: is not understood: write `ana may sign in to grafana`, "
        "`ana in grafana has role editor`, or `ana has no permission read:reports`",
    ]


def test_a_file_is_compared_with_another_one_where_secrets_are_not(tmp_path: Path, people: None) -> None:
    missing = CLIENTS.replace(f"{{sha256: '{'ab' * 32}'}}", "{env: MISSING_SECRET}")
    (tmp_path / "old.yaml").write_text(missing)
    assert plan(tmp_path, missing).returncode == 1
    done = plan(tmp_path, missing, "--against", "old.yaml", "--without-secrets")
    assert (done.returncode, done.stdout) == (0, "new.yaml: nobody would notice a difference from old.yaml\n")


def test_no_name_can_write_to_the_terminal(tmp_path: Path, kept: Database) -> None:
    with kept.write() as connection:
        # From before names were checked, or written past the server.
        users.add(connection, username="ada", roles=["moderator"], now=NOW)
        connection.execute(update(table).values(username="a\x1b[2Jb\u202e"))
    changed = CLIENTS.replace(", moderator: []", "").replace("[moderator]", "[admin]")
    shown = plan(tmp_path, changed, "--who").stdout
    assert "role moderator is lost (1 person: a\\x1b[2Jb\\u202e)" in shown
    assert not {"\x1b", "\u202e"} & set(shown)


def test_a_registered_client_that_would_no_longer_fit_is_lost(tmp_path: Path, kept: Database) -> None:
    said = {"client_name": "An app", "redirect_uris": ["https://a.example/cb"], "scope": "openid"}
    said |= {"token_endpoint_auth_method": "none", "application_type": "web", "grant_types": ["authorization_code"]}
    said |= {"id_token_signed_response_alg": "RS256"}
    with kept.write() as connection:
        clients.add(connection, "dcr.a", said, secret_digest=None, token="t", allowed=(), now=NOW)
    strict = "profile: fapi2\n" + CLIENTS.partition("clients: ")[0] + "clients: []\n"
    done = plan(tmp_path, strict)
    reason = "would no longer fit: Every client here follows FAPI 2.0: an administrator declares it."
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        "lost    client nightly is removed; nobody has access through it now",
        f"lost    registered client dcr.a {reason}",
        "new.yaml instead of clients.yaml: 2 lost, 0 gained, 0 to know",
    ]
    found = json.loads(plan(tmp_path, strict, "--json").stdout)["consequences"]
    assert {"effect": "lost", "subject": "registered client dcr.a", "what": reason, "people": 0, "who": []} in found
