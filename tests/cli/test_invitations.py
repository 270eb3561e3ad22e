"""`authserver users invite`: which invitation counts, and what it may say."""

import time

from authserver.store import links
from authserver.store.database import Database
from tests.cli.conftest import Run


def test_a_newer_invitation_voids_the_older_in_any_spelling_of_the_address(run: Run, kept: Database) -> None:
    def invited(address: str, role: str) -> str:
        return run("invite", address, "--role", role, "--link").stdout.strip().partition("token=")[2]

    mistaken, others = invited("Grace@Example.com", "admin"), invited("ada@example.com", "user")
    meant = invited("grace@example.com", "user")
    with kept.read() as connection:
        found = [links.find(connection, "invite", token, int(time.time())) for token in (mistaken, others, meant)]
    assert [each and each.detail["roles"] for each in found] == [None, ["user"], ["user"]]


def test_an_invited_name_is_held_to_the_rules_of_any_name(run: Run, kept: Database) -> None:
    for name in ("Ada\x1b[31m", "Ada\nBcc: eve@example.com", "a" * 201):
        assert "--name" in run("invite", "ada@example.com", "--link", "--name", name, status=1).stderr
    run("invite", "ada@example.com", "--link", "--name", " Ada  Lovelace ")
