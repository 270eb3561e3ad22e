"""Clients that register themselves, from the command line."""

import json
from pathlib import Path

from authserver.store.database import Database
from authserver.store.registration import clients, tokens
from tests.cli.command import run_command
from tests.cli.conftest import CLIENTS

NOW = 1_700_000_000
SAID = {"client_name": "An app", "redirect_uris": ["https://a.example/cb"], "scope": "openid"}
SAID |= {"token_endpoint_auth_method": "none", "application_type": "web", "grant_types": ["authorization_code"]}
SAID |= {"id_token_signed_response_alg": "RS256"}

REASON = "Every client here follows FAPI 2.0: an administrator declares it."


def test_a_token_is_made_shown_once_listed_and_taken_back(tmp_path: Path, url: str, kept: Database) -> None:
    assert url
    made = run_command(
        ["clients", "registration-token", "--uses", "3", "--days", "2", "--scope", "openid read:reports"], tmp_path, {}
    )
    assert made.returncode == 0, made.stderr
    token = made.stdout.splitlines()[2].strip()
    with kept.read() as connection:
        (found,) = tokens.everything(connection)
        assert tokens.find(connection, token, found.created_at) == found
    assert (found.uses_left, found.scope) == (3, ("openid", "read:reports"))
    assert found.expires_at - found.created_at == 2 * 86400
    listed = run_command(["clients", "registered"], tmp_path, {})
    assert f"token {found.id}  for 3 more" in listed.stdout
    assert token not in listed.stdout
    assert run_command(["clients", "remove", found.id], tmp_path, {}).returncode == 0
    assert "No client has registered itself." in run_command(["clients", "registered"], tmp_path, {}).stdout
    events = run_command(["events", "list", "--name", "client:registration:token_revoked"], tmp_path, {}).stdout
    assert f'id="{found.id}"' in events


def test_a_client_is_listed_and_removed(tmp_path: Path, url: str, kept: Database) -> None:
    assert url
    with kept.write() as connection:
        clients.add(connection, "dcr.a", SAID, secret_digest=None, token="t", allowed=(), now=NOW)
    (listed,) = json.loads(run_command(["clients", "registered", "--json"], tmp_path, {}).stdout)["clients"]
    assert (listed["client_id"], listed["name"], listed["created_at"]) == ("dcr.a", "An app", NOW)
    assert "dcr.a  registered 2023-11-14" in run_command(["clients", "registered"], tmp_path, {}).stdout
    assert run_command(["clients", "remove", "dcr.a"], tmp_path, {}).stdout == "Removed dcr.a.\n"
    gone = run_command(["clients", "remove", "dcr.a"], tmp_path, {})
    assert gone.returncode == 1
    assert "no client that registered itself" in gone.stderr


def test_where_registration_is_off_no_token_is_made(tmp_path: Path, url: str) -> None:
    assert url
    done = run_command(["clients", "registration-token"], tmp_path, {"AUTHSERVER_REGISTRATION": "off"})
    assert done.returncode == 1
    assert "AUTHSERVER_REGISTRATION=token" in done.stderr


def test_a_client_is_disabled_and_enabled_and_the_list_tells(tmp_path: Path, url: str, kept: Database) -> None:
    assert url
    with kept.write() as connection:
        clients.add(connection, "dcr.a", SAID, secret_digest=None, token="t", allowed=(), now=NOW)
    assert run_command(["clients", "disable", "dcr.a"], tmp_path, {}).stdout == "Disabled dcr.a.\n"
    again = run_command(["clients", "disable", "dcr.a"], tmp_path, {})
    assert (again.returncode, "is not disabled" in again.stderr) == (1, True)
    assert ", disabled 2" in run_command(["clients", "registered"], tmp_path, {}).stdout
    (listed,) = json.loads(run_command(["clients", "registered", "--json"], tmp_path, {}).stdout)["clients"]
    assert listed["disabled_at"] > NOW
    assert run_command(["clients", "enable", "dcr.a"], tmp_path, {}).stdout == "Enabled dcr.a.\n"
    assert run_command(["clients", "enable", "dcr.a"], tmp_path, {}).returncode == 1
    events = run_command(["events", "list", "--name", "client:registration:disabled"], tmp_path, {}).stdout
    assert 'with authserver clients" through="command line"' in events


def test_the_list_marks_those_that_no_longer_fit_clients_yaml(tmp_path: Path, url: str, kept: Database) -> None:
    assert url
    with kept.write() as connection:
        for name, scope in (("dcr.a", "openid"), ("dcr.b", "openid read:reports")):
            said = SAID | {"scope": scope}
            clients.add(connection, name, said, secret_digest=None, token=name, allowed=(), now=NOW)
    one, other = run_command(["clients", "registered"], tmp_path, {}).stdout.splitlines()
    assert ("no longer fits" in one, ", lost read:reports  An app" in other) == (False, True)
    file = tmp_path / "clients.yaml"
    file.write_text("profile: fapi2\n" + CLIENTS.partition("clients: ")[0] + "clients: []\n")
    assert run_command(["clients", "registered"], tmp_path, {}).stdout.count(f", no longer fits: {REASON}  An app") == 2
    found = json.loads(run_command(["clients", "registered", "--json"], tmp_path, {}).stdout)["clients"]
    assert [(each["unfit"], each["lost_scopes"]) for each in found] == [(REASON, []), (REASON, ["read:reports"])]
    file.write_text("clients: 1\n")
    broken = run_command(["clients", "registered"], tmp_path, {})
    assert (broken.returncode, "An app" in broken.stdout, "no longer fits" in broken.stdout) == (0, True, False)
    assert "cannot be loaded" in broken.stderr
