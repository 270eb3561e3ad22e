"""Other people's libraries on a device without a browser: requests-oauth2client."""

import pytest
from requests_oauth2client import AuthorizationPending, OAuth2Client, PublicApp, SlowDown

from tests.flows.browser import Browser
from tests.flows.served import Served
from tests.foreign.test_authlib import walk_through


def test_a_device_waits_for_its_person_and_gets_its_tokens(served: Served, browser: Browser) -> None:
    client = OAuth2Client.from_discovery_endpoint(
        issuer=served.issuer,
        auth=PublicApp("tv"),
        # It does not read this one in the metadata.
        device_authorization_endpoint=f"{served.issuer}/device_authorization",
        testing=True,
    )
    asked = client.authorize_device(scope="openid offline_access")
    assert asked.interval == 5
    with pytest.raises(AuthorizationPending):
        client.device_code(asked)
    with pytest.raises(SlowDown):
        client.device_code(asked)
    linked = browser.open(str(asked.verification_uri_complete))
    done = walk_through(browser.submit(linked, "Continue"), browser)
    assert done.heading == "Your device is connected"
    tokens = client.device_code(asked)
    assert tokens.id_token is not None
    assert client.refresh_token(tokens).access_token
