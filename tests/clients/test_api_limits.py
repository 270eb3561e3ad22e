"""Permissions of an API that a client may have at most: `apis` as a mapping, its faults, and what it becomes."""

from pathlib import Path

import pytest

from tests.clients.files import SOUND, faults_of, load_text


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("apis: [reports]", "apis: {reprots: [read:reports]}",
         "17:12: clients[0].apis.reprots: no API is named reprots; did you mean reports?"),
        ("apis: [reports]", "apis: {reports: [reed:reports]}",
         "17:22: clients[0].apis.reports[0]: the API reports has no permission reed:reports; did you mean read:reports?"
         ),
        ("apis: [reports]", "apis: {authserver: [read:reports]}",
         "17:25: clients[0].apis.authserver[0]: the API authserver has no permission read:reports"),
        ("apis: [reports]", "apis: {reports: []}", "17:21: clients[0].apis.reports: must not be empty"),
        ("apis: [reports]", "apis: {reports: [read:reports, read:reports]}",
         "17:21: clients[0].apis.reports: read:reports is listed twice"),
        ("apis: [reports]", "apis: {reports: read:reports}",
         "17:21: clients[0].apis.reports: must be a list, but YAML reads text here"),
        ("apis: [reports]", "apis: {reports: [1]}",
         "17:22: clients[0].apis.reports[0]: must be text, but YAML reads a number here: put it in quotes"),
        ("apis: [reports]", "unasked: nothing", "17:14: clients[0].unasked: must be all or none"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place_and_what_was_probably_meant(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in SOUND
    assert faults_of(tmp_path, SOUND.replace(old, new, 1))[0].startswith(f"clients.yaml:{fault}")


def test_a_list_limits_nothing_and_a_mapping_says_what_a_client_may_have(tmp_path: Path) -> None:
    portal = load_text(tmp_path, SOUND).registry.clients["portal"]
    assert (portal.apis, portal.api_limits, portal.gets_unasked) == (("reports",), {}, True)
    text = SOUND.replace("apis: [reports]", "apis: {reports: [read:reports]}\n    unasked: none")
    portal = load_text(tmp_path, text).registry.clients["portal"]
    assert (portal.apis, portal.gets_unasked) == (("reports",), False)
    assert portal.api_limits == {"reports": frozenset({"read:reports"})}


def test_a_mapping_gives_its_claims_no_common_name_either(tmp_path: Path) -> None:
    text = SOUND.replace("apis: [reports]", "apis: {reports: [read:reports]}\n    roles_claim: permissions")
    assert "would share one claim" in faults_of(tmp_path, text)[0]
