"""`authserver explain`: the tokens that a client would get for a person, claim by claim, with the line of each."""

import json
import re
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import update

from authserver.store import directory, users
from authserver.store.database import Database
from authserver.store.registration import clients
from authserver.store.tables import users as table
from tests.cli.command import run_command

NOW = 1_800_000_000
FILE = """\
apis:
  reports:
    audience: https://reports.example.com
    permissions: {read:reports: Read, write:reports: Write}
    access_token_lifetime: 300
roles:
  reader: [read:reports]
  editor: {permissions: [write:reports], roles: [reader]}
groups: {staff: [editor]}
default_role: reader
clients:
  - client_id: grafana
    name: Grafana
    type: spa
    redirect_uris: [https://grafana.example.com/callback]
    apis: [reports]
    claims: {id_token: {person: [email], roles: grafana_roles}}
    scopes: [openid, email]
  - client_id: desk
    name: Desk
    type: native
    redirect_uris: ["http://127.0.0.1/callback"]
    allow: {roles: [editor]}
"""


@pytest.fixture(autouse=True)
def _people(tmp_path: Path, kept: Database) -> None:
    (tmp_path / "clients.yaml").write_text(FILE)
    with kept.write() as connection:
        ana = users.add(connection, username="ana", email="ana@example.com", email_verified=True, now=NOW).sub
        directory.set_groups(connection, ana, ["staff"], NOW)
        users.add(connection, username="ben", now=NOW)


def explain(folder: Path, *options: str) -> "CompletedProcess[str]":
    done = run_command(["explain", *options], folder, {})
    assert "Traceback" not in done.stderr
    return done


NO_WAY = (
    "has no way to sign in yet: no password, no passkey, and no account at a provider. Invite them to choose a password"
)
GOLDEN = (Path(__file__).parent / "explained.txt").read_text()


def test_each_claim_is_there_with_what_made_it(tmp_path: Path) -> None:
    done = explain(tmp_path, "--user", "ana@example.com", "--client", "grafana")
    assert done.returncode == 0, done.stderr
    text = re.sub(r'"[A-Za-z0-9_-]{22}"', '"SUB"', done.stdout)
    assert re.sub(r"\b1[89]\d{8}\b|\b17\d{8}\b", "N", text) == GOLDEN


def test_what_is_narrowed_says_what_is_left_out_and_why(tmp_path: Path) -> None:
    options = ("--user", "ana", "--client", "grafana", "--scope", "openid phone read:reports", "--json")
    found = json.loads(explain(tmp_path, *options).stdout)
    claims = {each["name"]: each for each in found["access_token"]}
    assert claims["permissions"]["value"] == ["read:reports"]
    assert [each["text"] for each in claims["permissions"]["reasons"]] == [
        "read:reports is given by editor, reader",
        "write:reports is left out: the client asked for scopes of reports, and not for this one",
    ]
    assert claims["roles"]["value"] is None
    assert "names of roles would tell of more" in claims["roles"]["reasons"][0]["text"]
    assert [each["text"] for each in claims["scope"]["reasons"]] == ["phone is left out: the client may not ask for it"]


def test_who_may_not_sign_in_is_told_why_with_the_line(tmp_path: Path, kept: Database) -> None:
    done = explain(tmp_path, "--user", "ben", "--client", "desk")
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        "ben at desk: refused",
        "  desk lets in whoever has one of editor; ben has reader (clients.yaml:23)",
        f"note: ben {NO_WAY}",
    ]
    assert explain(tmp_path, "--user", "ana", "--client", "desk").returncode == 0
    with kept.write() as connection:
        ana = users.by_login(connection, "ana")
        assert ana is not None
        users.disable(connection, ana.sub, NOW)
    assert "  ana is disabled" in explain(tmp_path, "--user", "ana", "--client", "desk").stdout


def test_who_has_no_way_to_sign_in_is_named_and_explained_all_the_same(tmp_path: Path, kept: Database) -> None:
    asked = ("--user", "ana", "--client", "grafana")
    done = explain(tmp_path, *asked)
    assert (done.returncode, f"\nnote: ana {NO_WAY}\n" in done.stdout) == (0, True)
    (note,) = json.loads(explain(tmp_path, *asked, "--json").stdout)["notes"]
    assert note == {"text": f"ana {NO_WAY}", "place": None}
    # A provider that is said to vouch is a way, and so is a code by mail.
    assert NO_WAY not in explain(tmp_path, *asked, "--provider", "google").stdout
    by_mail = {"AUTHSERVER_SIGNIN_BY_MAIL": "true"}
    assert NO_WAY not in run_command(["explain", *asked], tmp_path, by_mail).stdout
    assert NO_WAY in run_command(["explain", "--user", "ben", "--client", "grafana"], tmp_path, by_mail).stdout
    with kept.write() as connection:
        ana = users.by_login(connection, "ana")
        assert ana is not None
        connection.execute(update(table).where(table.c.sub == ana.sub).values(password_hash="x"))
    assert "note: " not in explain(tmp_path, *asked).stdout


def test_the_default_role_is_named_as_such(tmp_path: Path) -> None:
    found = json.loads(explain(tmp_path, "--user", "ben", "--client", "grafana", "--json").stdout)
    roles = next(each for each in found["access_token"] if each["name"] == "roles")
    assert roles["value"] == ["reader"]
    assert roles["reasons"] == [
        {"text": "reader is the default role, and they have no other", "place": "clients.yaml:10"}
    ]


def test_a_request_that_would_be_refused_says_with_what(tmp_path: Path) -> None:
    options = ("--user", "ana", "--client", "grafana", "--resource", "https://nobody.example.com")
    done = explain(tmp_path, *options)
    assert done.returncode == 3
    assert "the request is refused with invalid_target" in done.stdout


def test_names_that_are_none_are_told_with_what_was_meant(tmp_path: Path) -> None:
    done = explain(tmp_path, "--user", "ana", "--client", "grafanna")
    assert (done.returncode, "did you mean grafana?" in done.stderr) == (1, True)
    assert "nobody is named zoe" in explain(tmp_path, "--user", "zoe", "--client", "grafana").stderr


WORKLOADS = (
    FILE
    + """\
  - client_id: deploy
    name: Deploy
    type: service
    workloads: [{issuer: github, subject: "repo:acme/app:ref:refs/heads/main", claims: {repository_owner_id: 7}}]
    apis: [reports]
    roles: [reader]
  - client_id: release
    name: Release
    type: service
    workloads: [{issuer: github, subject: "repo:acme/app:ref:refs/tags/v*"}]
    apis: [reports]
workload_issuers: {github: {issuer: https://token.actions.githubusercontent.com}}
"""
)
MAIN = ("--workload", "github", "repo:acme/app:ref:refs/heads/main")


def test_a_workload_is_told_which_client_it_may_act_as_and_what_it_gets(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(WORKLOADS)
    done = explain(tmp_path, *MAIN, "--claim", "repository_owner_id=7")
    assert done.stdout.startswith("repo:acme/app:ref:refs/heads/main of github: may act as a client\n")
    assert '"deploy"' in done.stdout
    assert re.search(r'permissions +\["read:reports"\]', done.stdout)
    assert "deploy lets in repo:acme/app:ref:refs/heads/main (" in done.stdout
    found = json.loads(explain(tmp_path, *MAIN, "--claim", "repository_owner_id=7", "--json").stdout)
    assert {claim["name"]: claim["value"] for claim in found["access_token"]}["act"]["sub"] == MAIN[2]
    narrow = (*MAIN, "--claim", "repository_owner_id=7", "--scope", "openid read:reports", "--json")
    claims = {claim["name"]: claim for claim in json.loads(explain(tmp_path, *narrow).stdout)["access_token"]}
    (why,) = claims["exp"]["reasons"]
    assert (why["text"], why["place"]) == ("300 seconds, by the API", "clients.yaml:5")
    assert [each["text"] for each in claims["scope"]["reasons"]] == [
        "what the client asked for, of what it may have",
        "openid is left out: no person signs in",
    ]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (MAIN, "deploy lets in repo:acme/app:ref:refs/heads/main, with repository_owner_id: 7 ("),
        (("--workload", "github", "repo:acme/app:ref:refs/tags/x"), "release lets in repo:acme/app:ref:refs/tags/v* ("),
        (
            (*MAIN, "--claim", "repository_owner_id=7", "--scope", "x"),
            "the request is refused with invalid_scope",
        ),
        ((*MAIN, "--client", "grafana"), "no client lets in workloads of this issuer"),
    ],
)
def test_a_workload_that_is_refused_is_told_the_nearest(tmp_path: Path, options: tuple[str, ...], what: str) -> None:
    (tmp_path / "clients.yaml").write_text(WORKLOADS)
    done = explain(tmp_path, *options)
    assert done.returncode == 3
    assert what in done.stdout


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--workload", "githb", "x"), "no issuer of workloads is named githb; did you mean github?"),
        ((), "say who it is about"),
        (("--user", "ana"), "say who it is about"),
        ((*MAIN, "--user", "ana"), "say who it is about"),
        (("--client", "deploy", "--provider", "x"), "--provider vouches for a person"),
        (("--client", "deply"), "did you mean deploy?"),
    ],
)
def test_what_is_missing_for_an_explanation_is_said(tmp_path: Path, options: tuple[str, ...], what: str) -> None:
    (tmp_path / "clients.yaml").write_text(WORKLOADS)
    assert what in explain(tmp_path, *options).stderr


@pytest.mark.parametrize(
    ("old", "new", "who", "line"),
    [
        ("    name: Grafana\n", "    name: Grafana\n    require_acr: silver\n", "grafana", 14),
        ("    permissions: {read", "    require_acr: silver\n    permissions: {read", "the API reports", 4),
        ("  reader: [read:reports]", "  reader: {require: silver, permissions: [read:reports]}", "the role editor", 8),
    ],
)
def test_a_level_that_the_person_cannot_reach_is_a_reason_with_its_line(
    tmp_path: Path, old: str, new: str, who: str, line: int
) -> None:
    assert old in FILE
    (tmp_path / "clients.yaml").write_text(FILE.replace(old, new) + "acr:\n  silver: {any: [passkey, [pwd, otp]]}\n")
    done = explain(tmp_path, "--user", "ana", "--client", "grafana")
    assert done.returncode == 3, done.stdout
    assert f"{who} needs the level silver, and ana has no second factor: they must set one up" in done.stdout
    assert f"clients.yaml:{line}" in done.stdout


def test_no_name_can_write_to_the_terminal(tmp_path: Path, kept: Database) -> None:
    with kept.write() as connection:
        sub = users.add(connection, username="cy", email="cy@example.com", now=NOW).sub
        connection.execute(update(table).where(table.c.sub == sub).values(username="a\x1b[2Jb"))
        users.set_roles(connection, sub, ["\x1b[31mred"], NOW)
        directory.set_groups(connection, sub, ["\u202eleft"], NOW)
    for client in ("grafana", "desk"):
        done = explain(tmp_path, "--user", "cy@example.com", "--client", client)
        assert done.stdout.startswith(f"a\\x1b[2Jb at {client}: ")
        assert not {"\x1b", "\u202e"} & set(done.stdout + done.stderr)


def test_a_client_that_registered_itself_is_explained_and_a_disabled_refused(tmp_path: Path, kept: Database) -> None:
    said = {"client_name": "An app", "scope": "openid email", "redirect_uris": ["https://app.example.org/callback"]}
    said |= {"token_endpoint_auth_method": "none", "application_type": "web", "grant_types": ["authorization_code"]}
    with kept.write() as connection:
        metadata = said | {"id_token_signed_response_alg": "RS256"}
        clients.add(connection, "dcr.a", metadata, secret_digest=None, token="t", allowed=(), now=NOW)
    asked = ("--user", "ana", "--client", "dcr.a")
    assert "ana at dcr.a: may sign in" in explain(tmp_path, *asked).stdout
    with kept.write() as connection:
        clients.disable(connection, "dcr.a", NOW)
    refused = explain(tmp_path, *asked)
    assert (refused.returncode, "dcr.a is disabled by an administrator" in refused.stdout) == (3, True)
    assert "dcr.a is disabled by an administrator" in explain(tmp_path, "--client", "dcr.a").stdout
    assert explain(tmp_path, "--user", "ana", "--client", "dcr.b").returncode == 1
