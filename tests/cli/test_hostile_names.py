"""What others chose, printed by commands: nothing in it writes to the terminal, or turns a line around."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from authserver.cli import main
from authserver.store import sessions, users
from authserver.store.database import Database
from authserver.store.registration import clients
from authserver.store.sessions import SignIn
from authserver.store.tables import user_roles
from authserver.store.tables import users as people
from authserver.store.upstream import identities

NOW = 1_700_000_000
ESCAPES = "\x1b[31m\x9b2J\u202egro.evil\u2066"
HOSTILE = f"{ESCAPES}\r\ninjected"


@pytest.fixture
def environ(url: str, kept: Database, tmp_path: Path) -> dict[str, str]:
    """A database of rows that no rule of today would let in: of an older release, or an import without clients.yaml."""
    with kept.write() as connection:
        eve = users.add(connection, username="eve", email="eve@example.com", roles=["user"], now=NOW)
        connection.execute(update(user_roles).values(role=HOSTILE))
        changed = {"username": HOSTILE, "email": f"{ESCAPES}@example.com", "name": HOSTILE, "locale": HOSTILE}
        connection.execute(update(people).values(changed))
        sessions.start(connection, SignIn(eve.sub, ("pwd",), 10**9, 10**9, address=HOSTILE), NOW)
        said = {"client_name": HOSTILE, "redirect_uris": [f"https://{HOSTILE}"], "scope": f"openid {HOSTILE}"}
        said |= {"token_endpoint_auth_method": "none", "application_type": "web", "grant_types": [HOSTILE]}
        said |= {"id_token_signed_response_alg": HOSTILE}
        clients.add(connection, f"dcr.{HOSTILE}", said, secret_digest=None, token="t", allowed=(), now=NOW)
        assert identities.add(
            connection,
            issuer="https://idp.example",
            subject=HOSTILE,
            sub=eve.sub,
            provider="idp",
            email=HOSTILE,
            sealed_tokens=None,
            now=NOW,
        )
    keys = {"AUTHSERVER_KEYS_DIR": str(tmp_path / "keys"), "AUTHSERVER_CLIENTS_FILE": str(tmp_path / "clients.yaml")}
    return {"AUTHSERVER_DATABASE_URL": url, "EVE": eve.sub, **keys}


@pytest.mark.parametrize(
    "command",
    [
        "users list",
        "users show @",
        "users check",
        "users sessions @",
        "users sessions @ --end nothing",
        "users unlock @",
        "users groups @",
        "users export",
        "users data @",
        "clients registered",
    ],
)
def test_nothing_that_others_chose_writes_to_the_terminal(environ: dict[str, str], command: str) -> None:
    arguments = command.replace("@", environ["EVE"]).split()
    done = CliRunner().invoke(main, arguments, env=environ)
    assert "gro.evil" in done.output
    assert "Traceback" not in done.output
    assert all(each.isprintable() or each == "\n" for each in done.output), done.output
    assert not [line for line in done.output.splitlines() if line.startswith("injected")]


def test_letters_of_every_language_are_exported_as_they_are(environ: dict[str, str], kept: Database) -> None:
    with kept.write() as connection:
        connection.execute(update(people).values(username="eve", name="Ève \u202e 𝕏", locale=None))
    (line,) = CliRunner().invoke(main, ["users", "export"], env=environ).output.splitlines()
    assert "Ève \\u202e 𝕏" in line
    assert json.loads(line)["name"] == "Ève \u202e 𝕏"
