"""What a changed clients.yaml would do to clients that registered themselves."""

from pathlib import Path

import pytest

from authserver.clients.registration.fit import fit_of
from authserver.clients.registration.metadata import accepted
from authserver.plan.plan import plan
from authserver.plan.registered import registered
from authserver.store.database import Database
from authserver.store.registration import clients
from tests.plan.files import IN_FORCE, NOW, changed, loaded

SCOPES = ("openid", "read:reports", "write:reports", "see:users")
REPORTS = IN_FORCE[IN_FORCE.index("  reports:") : IN_FORCE.index("  users:")]
WITHOUT_REPORTS = changed(
    (REPORTS, ""), ("[reports, users]", "[users]"), ("[read:reports, write:reports]", "[]"), ("[read:reports]", "[]")
)
STRICT = "profile: fapi2\nroles: {reader: []}\ndefault_role: reader\nclients: []\n"
FAULT = "Every client here follows FAPI 2.0: an administrator declares it."


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Database:
    """Three that registered themselves: for an API, for nothing of any, and one that is disabled."""
    registry = loaded(tmp_path, IN_FORCE).registry
    with database.write() as connection:
        for client_id, scope in (("dcr.a", "openid read:reports"), ("dcr.b", "openid"), ("dcr.c", "read:reports")):
            said = {"redirect_uris": ["https://a.example/cb"], "scope": scope, "client_name": "An app"}
            metadata = accepted(said, SCOPES, registry)
            clients.add(
                connection, client_id, metadata, secret_digest=b"x" * 32, token=client_id, allowed=SCOPES, now=NOW
            )
        assert clients.disable(connection, "dcr.c", NOW)
    return database


def planned(database: Database, folder: Path, before: str, after: str) -> list[tuple[str, str, str, int | None]]:
    old, new = (loaded(folder, text).registry for text in (before, after))
    with database.read() as connection:
        found = registered(connection, old, new, NOW, fit_of)
        return [(each.effect, each.subject, each.what, each.people) for each in found]


def test_a_file_that_takes_none_of_them_names_each_with_the_reason(kept: Database, tmp_path: Path) -> None:
    assert planned(kept, tmp_path, IN_FORCE, STRICT) == [
        ("lost", f"registered client dcr.{each}", f"would no longer fit: {FAULT}", 0) for each in "ab"
    ]
    assert planned(kept, tmp_path, STRICT, IN_FORCE) == [
        ("gained", f"registered client dcr.{each}", "would fit again", None) for each in "ab"
    ]


def test_an_api_that_goes_takes_its_scopes_from_who_registered_for_them(kept: Database, tmp_path: Path) -> None:
    lost = "would no longer have read:reports, which no file declares any more"
    assert planned(kept, tmp_path, IN_FORCE, WITHOUT_REPORTS) == [("lost", "registered client dcr.a", lost, None)]
    assert planned(kept, tmp_path, WITHOUT_REPORTS, IN_FORCE) == [
        ("gained", "registered client dcr.a", "would have read:reports again", None)
    ]


def test_what_does_not_concern_them_says_nothing(kept: Database, tmp_path: Path) -> None:
    assert planned(kept, tmp_path, IN_FORCE, changed(("write:reports: Write", "write:reports: Write more"))) == []
    assert planned(kept, tmp_path, STRICT, STRICT) == []


def test_all_of_them_are_looked_at_however_many_there_are(
    kept: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authserver.plan.registered.STEP", 1)
    assert len(planned(kept, tmp_path, IN_FORCE, STRICT)) == 2


def test_it_is_a_part_of_the_whole_plan(kept: Database, tmp_path: Path) -> None:
    before, after = (loaded(tmp_path, text).registry for text in (IN_FORCE, WITHOUT_REPORTS))
    with kept.read() as connection:
        found = plan(connection, before, after, NOW, fit_of)
    assert "registered client dcr.a" in {each.subject for each in found.consequences}
