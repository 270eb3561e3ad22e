"""requests-oauth2client as relying party: a key instead of a secret, requests pushed and signed."""

import pytest
from requests_oauth2client import AuthorizationRequest, OAuth2Client, PrivateKeyJwt

from tests.flows.assertions import key
from tests.flows.browser import Browser
from tests.flows.served import Served
from tests.foreign.test_authlib import walk_through

SCOPE = "openid profile email offline_access"


@pytest.fixture
def client(served: Served) -> OAuth2Client:
    return OAuth2Client.from_discovery_endpoint(
        issuer=served.issuer,
        # Left to itself it names the address that it calls: introspection and revocation are no audience.
        auth=PrivateKeyJwt("vault", dict(key().as_dict(private=True)), alg="ES256", aud=served.issuer),
        redirect_uri="https://vault.example.com/callback",
        testing=True,
    )


def redeemed(client: OAuth2Client, asked: AuthorizationRequest, browser: Browser, url: str) -> None:
    """The rest of a flow: a code, tokens, a refresh, and their end."""
    landing = walk_through(browser.open(url), browser)
    tokens = client.authorization_code(asked.validate_callback(landing.url))
    assert tokens.id_token is not None
    again = client.refresh_token(tokens)
    assert client.introspect_token(again.access_token)["active"] is True
    assert client.revoke_refresh_token(again) is True


def test_a_pushed_request_by_a_client_with_a_key(client: OAuth2Client, browser: Browser) -> None:
    asked = client.authorization_request(scope=SCOPE)
    pushed = client.pushed_authorization_request(asked)
    redeemed(client, asked, browser, str(pushed.uri))


def test_assertions_that_name_the_address_that_is_called(client: OAuth2Client, browser: Browser) -> None:
    unnamed = OAuth2Client.from_discovery_endpoint(
        issuer=client.issuer,
        auth=PrivateKeyJwt("vault", dict(key().as_dict(private=True)), alg="ES256"),
        redirect_uri="https://vault.example.com/callback",
        testing=True,
    )
    asked = unnamed.authorization_request(scope=SCOPE)
    landing = walk_through(browser.open(str(unnamed.pushed_authorization_request(asked).uri)), browser)
    tokens = unnamed.authorization_code(asked.validate_callback(landing.url))
    assert unnamed.refresh_token(tokens).access_token


def test_a_signed_request(client: OAuth2Client, served: Served, browser: Browser) -> None:
    asked = client.authorization_request(scope=SCOPE, iss="vault", aud=served.issuer)
    signed = asked.sign(dict(key().as_dict(private=True)), alg="ES256", lifetime=60)
    redeemed(client, asked, browser, str(signed.uri))


def test_a_service_with_a_key(client: OAuth2Client) -> None:
    assert client.client_credentials(scope="read:reports").access_token
