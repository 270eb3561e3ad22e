"""What clients.yaml says of grants beside the usual ones, and how it says what is wrong."""

from pathlib import Path

import pytest

from tests.clients.files import SOUND, faults_of, with_client
from tests.clients.test_faults import SPA

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.mark.parametrize(
    ("fields", "where", "what"),
    [
        (f"{SPA}, grant_types: [device_code]", "grant_types[0]", DEVICE),
        (f"{SPA}, grant_types: ['{DEVICE}']", "grant_types", "is not for a spa client"),
        ("type: native, grant_types: [refresh_token]", "grant_types", "needs authorization_code or urn:ietf"),
        (f"type: native, grant_types: [authorization_code, '{DEVICE}']", "redirect_uris", "where do people return"),
    ],
)
def test_what_a_client_on_a_device_may_be(tmp_path: Path, fields: str, where: str, what: str) -> None:
    (fault,) = faults_of(tmp_path, with_client(fields))
    assert f"clients[1].{where}: " in fault
    assert what in fault


@pytest.mark.parametrize(
    ("exchanges", "what"),
    [
        ("{usrs: {read:users: [read:reports]}}", "no API is named usrs; did you mean users?"),
        ("{users: {read:usrs: [read:reports]}}", "the API users has no permission read:usrs; did you mean read:users?"),
        ("{users: {read:users: [read:report]}}", "the API reports has no permission read:report; did you mean"),
        ("{users: {read:users: []}}", "must not be empty"),
        ("{users: [read:users]}", "must be a mapping"),
        ("{authserver: {users:read: [read:reports]}}", "no API may act for people at the management API"),
    ],
)
def test_what_an_api_may_exchange_tokens_for(tmp_path: Path, exchanges: str, what: str) -> None:
    other = "  users: {audience: 'https://users.example.com', permissions: {read:users: See people}}\n"
    own = f"    secrets: [{{sha256: '{'0' * 64}'}}]\n    exchanges: {exchanges}\n"
    text = SOUND.replace("roles:\n", own + other + "roles:\n", 1)
    (fault,) = faults_of(tmp_path, text)
    assert "apis.reports.exchanges" in fault
    assert what in fault


def test_an_api_that_exchanges_tokens_needs_a_secret(tmp_path: Path) -> None:
    text = SOUND.replace("roles:\n", "    exchanges: {reports: {read:reports: [read:reports]}}\nroles:\n", 1)
    (fault,) = faults_of(tmp_path, text)
    assert "apis.reports.exchanges: needs a secret" in fault
