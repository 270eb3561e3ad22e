"""What clients.yaml says of grants beside the usual ones, and how it says what is wrong."""

from pathlib import Path

import pytest

from tests.clients.files import faults_of, with_client
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
