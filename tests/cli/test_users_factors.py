"""What `authserver users show` says of second factors."""

import json
from pathlib import Path

from authserver.store import users
from authserver.store.database import Database
from authserver.store.factors import totp
from tests.cli.conftest import CLIENTS, Run

PASSWORD = " Correct horse 1! "


def test_second_factors_are_shown_with_when_one_is_required(run: Run, kept: Database, tmp_path: Path) -> None:
    run("add", "ada", "--password-stdin", given=PASSWORD + "\n")
    assert json.loads(run("show", "ada", "--json").stdout)["factors"] == []
    with kept.write() as connection:
        ada = users.by_login(connection, "ada")
        assert ada is not None
        assert totp.add(connection, ada.sub, "Old phone", "SECRET", b"sealed", 1, 1_700_000_000)
    shown = json.loads(run("show", "ada", "--json").stdout)
    factor = {"kind": "totp", "name": "Old phone", "created_at": 1_700_000_000, "last_used_at": None}
    assert (shown["factors"], shown["recovery_codes_left"]) == ([factor], 0)
    assert shown["second_factor_required_at"] is None
    (tmp_path / "clients.yaml").write_text(f"{CLIENTS}second_factor: {{required_from: 2099-03-01, roles: [user]}}\n")
    shown_in_words = run("show", "ada").stdout
    assert "totp 'Old phone' (added 2023-11-14 22:13:20 UTC, never used)" in shown_in_words
    assert "second_factor_required_at: 2099-03-01 00:00:00 UTC" in shown_in_words
