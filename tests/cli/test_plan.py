"""`authserver clients plan`: what a change would do, in words and as JSON, with a status that a pipeline can read."""

import json
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
        "expect  ada has role admin: the roles are moderator",
        "new.yaml: nobody would notice a difference from clients.yaml; 1 of 2 expectations met",
    ]


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
