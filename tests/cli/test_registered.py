"""Clients that register themselves, from the command line."""

import json
from pathlib import Path

from authserver.store.database import Database
from authserver.store.registration import clients, tokens
from tests.cli.command import run_command

NOW = 1_700_000_000


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
    metadata = {"client_name": "An app", "scope": "openid"}
    with kept.write() as connection:
        clients.add(connection, "dcr.a", metadata, secret_digest=None, token="t", allowed=(), now=NOW)
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
        said = {"client_name": "An app", "scope": "openid"}
        clients.add(connection, "dcr.a", said, secret_digest=None, token="t", allowed=(), now=NOW)
    assert run_command(["clients", "disable", "dcr.a"], tmp_path, {}).stdout == "Disabled dcr.a.\n"
    again = run_command(["clients", "disable", "dcr.a"], tmp_path, {})
    assert (again.returncode, "is not disabled" in again.stderr) == (1, True)
    assert ", disabled 2" in run_command(["clients", "registered"], tmp_path, {}).stdout
    (listed,) = json.loads(run_command(["clients", "registered", "--json"], tmp_path, {}).stdout)["clients"]
    assert listed["disabled_at"] > NOW
    assert run_command(["clients", "enable", "dcr.a"], tmp_path, {}).stdout == "Enabled dcr.a.\n"
    assert run_command(["clients", "enable", "dcr.a"], tmp_path, {}).returncode == 1
