"""`authserver clients`, the example file and the schema for editors."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from authserver.cli import GROUPS, ListedGroup
from authserver.clients.load import load
from authserver.clients.schema import json_schema
from tests.clients.files import ENVIRON, SECRET, SOUND
from tests.examples.demonstration import EXAMPLE

CLIENTS = ListedGroup("clients", *GROUPS["clients"])
ROOT = Path(__file__).parents[2]
EXAMPLE_VARIABLES = ("PORTAL_SECRET", "REPORTS_API_SECRET", "NIGHTLY_JOB_SECRET", "EXAMPLE_PROVIDER_SECRET")
EXAMPLE_ENVIRON = dict.fromkeys(EXAMPLE_VARIABLES, SECRET)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "clients.yaml"
    path.write_text(SOUND)
    return path


def run(*arguments: str, **environ: str) -> Any:
    return CliRunner().invoke(CLIENTS, arguments, env={**ENVIRON, **environ}, catch_exceptions=False)


def test_check_says_that_a_file_is_sound(path: Path) -> None:
    result = run("check", str(path))
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{path}: sound; clients: 1, APIs: 1, roles: 2, warnings: 0; version ")


def test_check_names_every_fault_and_ends_with_one(path: Path) -> None:
    path.write_text(SOUND.replace("type: web", "type: wep").replace("audience:", "audiance:"))
    result = run("check", str(path))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"{path}:3:5: apis.reports.audiance: unknown field; did you mean audience?",
        f"{path}:14:11: clients[0].type: must be web, spa, native or service; did you mean web?",
        f"{path}: refused, 2 faults",
    ]


def test_check_shows_warnings_of_a_sound_file(path: Path) -> None:
    path.write_text(f"{SOUND}    pkce: optional\n")
    result = run("check", str(path))
    assert result.exit_code == 0
    assert result.stderr.startswith(f"warning: {path}:18:11: clients[0].pkce: ")


PROVIDERS = """\
providers:
  github:
    preset: github
    client_id: x
    secret: {env: GITHUB_SECRET}
"""


def test_a_file_is_checked_where_its_secrets_are_not(path: Path) -> None:
    path.write_text(SOUND.replace("{env: PORTAL_SECRET}", "{env: PORTAL_SECRET}, {file: away}") + PROVIDERS)
    refused = run("check", str(path), PORTAL_SECRET="").stderr.splitlines()
    assert len([line for line in refused if "secret" in line]) == 3
    result = run("check", "--without-secrets", str(path), PORTAL_SECRET="")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.endswith("warnings: 0; secrets not read\n")
    report = json.loads(run("check", "--without-secrets", "--json", str(path)).stdout)
    assert (report["faults"], report["version"]) == ([], None)


def test_without_secrets_every_other_fault_is_found(path: Path) -> None:
    path.write_text(SOUND.replace("{env: PORTAL_SECRET}", "{evn: PORTAL_SECRET}").replace("type: web", "type: wep"))
    result = run("check", "--without-secrets", str(path))
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == f"{path}: refused, 2 faults"
    path.write_text(SOUND.replace("{env: PORTAL_SECRET}", "{env: PORTAL_SECRET, expires: 2020-01-01}"))
    assert "this secret has expired" in run("check", "--without-secrets", str(path)).stderr


def test_a_file_without_its_secrets_lets_nobody_in(path: Path) -> None:
    loaded = [load(path, ENVIRON, with_secrets=False).registry.clients["portal"].secrets[0].digest for _ in range(2)]
    assert loaded[0] != loaded[1]
    assert sha256(SECRET.encode()).digest() not in loaded


def test_addresses_of_this_machine_are_warned_of_once(path: Path) -> None:
    uris = ", ".join(f"http://localhost:{port}/callback" for port in range(3000, 3019))
    path.write_text(SOUND.replace("https://portal.example.com/callback", uris))
    (warning,) = run("check", str(path)).stderr.splitlines()
    assert warning.endswith("redirect_uris[0]: http on this machine is for development only, like 18 more in this file")


def test_check_reads_the_file_of_the_settings(path: Path) -> None:
    assert run("check", AUTHSERVER_CLIENTS_FILE=str(path)).stdout.startswith(f"{path}: sound")


def test_check_measures_tokens_by_the_settings(path: Path) -> None:
    many = "".join(f"      do:thing:{number:03}: Do it\n" for number in range(40))
    path.write_text(SOUND.replace("      read:reports: Read reports\n", f"      read:reports: Read reports\n{many}"))
    assert run("check", str(path)).stderr == ""
    small = {"AUTHSERVER_ACCESS_TOKEN_SIZE": "1024"}
    assert "past 1024 (access_token_size)" in run("check", str(path), **small).stderr
    assert "past 1024 (access_token_size)" in run("check", AUTHSERVER_CLIENTS_FILE=str(path), **small).stderr
    # The size of the issuer counts, too.
    issuer = f"http://localhost/{'long/' * 400}"
    assert "past 4096 (access_token_size)" in run("check", str(path), AUTHSERVER_ISSUER=issuer.rstrip("/")).stderr


def test_a_file_that_is_named_is_checked_though_the_settings_are_faulty(path: Path) -> None:
    faulty = {"AUTHSERVER_ACCESS_TOKEN_SIZE": "none"}
    assert run("check", str(path), **faulty).exit_code == 0
    assert run("list", str(path), **faulty).exit_code == 0
    assert run("check", AUTHSERVER_CLIENTS_FILE=str(path), **faulty).exit_code == 2


def test_check_answers_a_program_in_json(path: Path) -> None:
    report = json.loads(run("check", "--json", str(path)).stdout)
    assert report == {"file": str(path), "version": load(path, ENVIRON).registry.version, "faults": [], "warnings": []}
    path.write_text(SOUND.replace("type: web", "type: wep"))
    result = run("check", "--json", str(path))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["faults"] == [
        {
            "line": 14,
            "column": 11,
            "where": "clients[0].type",
            "what": "must be web, spa, native or service; did you mean web?",
        }
    ]


def test_list_shows_the_clients_and_no_secret(path: Path) -> None:
    result = run("list", str(path))
    assert result.stdout.splitlines() == ["CLIENT_ID  TYPE  NAME         APIS", "portal     web   Team portal  reports"]
    (client,) = json.loads(run("list", "--json", str(path)).stdout)
    assert (client["client_id"], client["secrets"]) == ("portal", [{"expires_at": None}])
    path.write_text(SOUND.replace("type: web", "type: wep"))
    assert run("list", str(path)).exit_code == 1


def test_a_new_secret_works_under_the_line_that_is_printed(path: Path) -> None:
    result = run("new-secret", "portal", str(path))
    secret, line = result.stdout.split()[7], result.stdout.splitlines()[-1].strip()
    assert len(secret) == 43
    assert result.stderr == ""
    path.write_text(SOUND.replace("[{env: PORTAL_SECRET}]", f"[{line.removeprefix('- ')}]"))
    (registered,) = load(path, {}).registry.clients["portal"].secrets
    assert registered.digest == sha256(secret.encode()).digest()
    assert run("new-secret", "portal", str(path)).stdout.split()[7] != secret


def test_a_new_secret_is_made_for_whom_it_can_serve(path: Path) -> None:
    assert "did you mean portal?" in run("new-secret", "poral", str(path)).stderr
    assert run("new-secret", "reports", str(path)).stderr == ""
    path.write_text("clients: [{client_id: app, type: spa}]")
    result = run("new-secret", "app", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    path.unlink()
    assert run("new-secret", "portal", str(path)).exit_code == 0


def test_the_example_file_is_sound() -> None:
    loaded = load(EXAMPLE, EXAMPLE_ENVIRON)
    assert list(loaded.registry.clients) == ["portal", "dashboard", "cli", "nightly-job"]
    assert all("development" in warning.what for warning in loaded.warnings)
    assert loaded.registry.origins == {"http://localhost:3000"}


def test_the_schema_accepts_the_example_and_names_wrong_fields(path: Path) -> None:
    schema = json.loads(run("schema").stdout)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    example = yaml.safe_load(EXAMPLE.read_text())
    assert list(validator.iter_errors(example)) == []
    assert list(validator.iter_errors(yaml.safe_load(SOUND))) == []
    for old, new in (
        ("redirect_uris:", "redirect_uri:"),
        ("type: web", "type: wep"),
        ("client_id: portal", "client_id: a b"),
        ("{env: PORTAL_SECRET}", "{}"),
        ("{env: PORTAL_SECRET}", "plain"),
    ):
        assert list(validator.iter_errors(yaml.safe_load(SOUND.replace(old, new)))), new


def test_the_schema_describes_every_field() -> None:
    schema = json_schema()
    described = [schema, *schema["$defs"].values()]
    assert len(described) == 16
    for model in described:
        for name, field in model["properties"].items():
            assert field.get("description"), name


def test_the_schema_beside_the_documentation_is_the_present_one() -> None:
    assert json.loads((ROOT / "docs" / "clients.schema.json").read_text()) == json_schema()
