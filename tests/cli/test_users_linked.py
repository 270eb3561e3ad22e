"""`authserver users linked` and `data`: what a person signs in with elsewhere, and all that is stored about them."""

import json
from pathlib import Path
from typing import Any

from authserver.store import events, users
from authserver.store.database import Database
from authserver.store.events import EventFilter
from authserver.store.upstream import identities
from tests.cli.conftest import CLIENTS, Run


def test_a_linked_sign_in_is_listed_and_removed_but_never_the_last_way_in(run: Run, kept: Database) -> None:
    with kept.write() as connection:
        bea = users.add(connection, username="bea", email="bea@example.com", now=1)
        for subject in ("1", "2\x1b[2J"):
            row: dict[str, Any] = {"subject": subject, "sub": bea.sub, "provider": "work", "email": None, "now": 1}
            identities.add(connection, issuer="https://id.example.com", sealed_tokens=None, **row)
    first, second = json.loads(run("linked", "bea", "--json").stdout)
    shown = run("linked", "bea").stdout
    assert first["id"] in shown
    assert "\x1b" not in shown
    # No provider of this name is declared, so neither signs anybody in.
    refused = run("linked", "bea", "--remove", first["id"], status=1)
    assert "the only way to sign in that bea has" in refused.stderr
    assert "has no linked sign-in x" in run("linked", "bea", "--remove", "x", status=1).stderr
    run("set-password", "bea", "--password-stdin", given="Correct horse 1!\n")
    assert "can no longer sign in" in run("linked", "bea", "--remove", first["id"]).stdout
    assert [each["id"] for each in json.loads(run("linked", "bea", "--json").stdout)] == [second["id"]]
    run("linked", "bea", "--remove", second["id"])
    assert run("linked", "bea").stdout == "None.\n"


def test_the_data_of_a_person_is_written_as_one_document_and_they_are_told(run: Run, kept: Database) -> None:
    run("add", "ada", "--email", "ada@example.com", "--no-password")
    data = json.loads(run("data", "ada").stdout)
    assert (data["account"]["username"], "password_hash" in data["account"]) == ("ada", False)
    assert "nobody has this username" in run("data", "nobody", status=1).stderr
    with kept.read() as connection:
        names = [each.name for each in events.newest(connection, EventFilter(sub=data["account"]["sub"]), 10)]
    assert names[-1] == "user:data:disclosed"


def test_who_takes_the_last_administrator_away_is_warned(run: Run, kept: Database, tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(CLIENTS.replace("admin: []", 'admin: ["admin:all"]'))
    for name in ("ada", "bob"):
        run("add", name, "--no-password", "--role", "admin")
    assert "nobody is left" not in run("disable", "bob").stderr
    warned = run("roles", "ada", "user")
    assert "nobody is left who has full access" in warned.stderr
    assert "has the roles: user" in warned.stdout
    run("roles", "ada", "admin")
    assert "nobody is left" in run("delete", "ada", "--yes").stderr
    assert kept
