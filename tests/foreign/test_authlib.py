"""Authlib's client as relying party: discovery, code with PKCE, userinfo, refresh, revocation, logout."""

from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.flows.browser import Browser, Landing
from tests.flows.registry import SECRETS
from tests.flows.served import Served
from tests.patience import PATIENCE

SCOPE = "openid profile email offline_access"
CLIENTS = {
    "portal": ("client_secret_basic", "https://portal.example.com/callback"),
    "intranet": ("client_secret_post", "https://intranet.example.com/callback"),
    "dashboard": ("none", "https://dashboard.example.com/callback"),
    "terminal": ("none", "http://127.0.0.1:4711/callback"),
}
SLOW = {"intranet", "terminal"}
each_client = pytest.mark.parametrize(
    "client_id", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in CLIENTS]
)


def discover(served: Served) -> dict[str, Any]:
    document: dict[str, Any] = httpx.get(f"{served.issuer}/.well-known/openid-configuration", timeout=PATIENCE).json()
    return document


def session_of(client_id: str) -> Any:
    method, redirect_uri = CLIENTS[client_id]
    secret = SECRETS.get(client_id, "")
    return OAuth2Session(
        client_id,
        # Authlib leaves the form-encoding that RFC 6749 §2.3.1 wants before Basic to whoever has such a secret.
        quote_plus(secret) if method == "client_secret_basic" else secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        scope=SCOPE,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )


def walk_through(landing: Landing, browser: Browser) -> Landing:
    """What a person does."""
    if landing.heading == "Sign in":
        landing = browser.sign_in(landing, "ada")
    return browser.allow(landing) if landing.heading.startswith("Allow ") else landing


def id_claims(document: dict[str, Any], token: dict[str, Any], client_id: str, nonce: str) -> Any:
    keys = KeySet.import_key_set(httpx.get(document["jwks_uri"], timeout=PATIENCE).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=document["id_token_signing_alg_values_supported"])
    options = {"iss": {"value": document["issuer"]}, "aud": {"value": client_id}}
    params = {"nonce": nonce, "client_id": client_id, "access_token": token["access_token"]}
    claims = CodeIDToken(decoded.claims, decoded.header, options, params)
    claims.validate(leeway=5)
    return claims


@each_client
def test_a_whole_flow(served: Served, browser: Browser, client_id: str) -> None:
    document = discover(served)
    verifier, nonce = generate_token(48), generate_token()
    session = session_of(client_id)
    url, state = session.create_authorization_url(
        document["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )

    landing = walk_through(browser.open(url), browser)
    token = session.fetch_token(
        document["token_endpoint"], authorization_response=landing.url, state=state, code_verifier=verifier
    )
    claims = id_claims(document, token, client_id, nonce)
    assert claims["sub"] == served.sub

    person = session.get(document["userinfo_endpoint"]).json()
    assert (person["sub"], person["email"]) == (served.sub, "ada@example.com")

    refreshed = session.refresh_token(document["token_endpoint"], refresh_token=token["refresh_token"])
    assert refreshed["refresh_token"] != token["refresh_token"]
    assert session.get(document["userinfo_endpoint"]).status_code == 200

    if CLIENTS[client_id][0] != "none":
        answer = session.introspect_token(document["introspection_endpoint"], token=refreshed["access_token"])
        assert answer.json()["active"] is True
    assert session.revoke_token(document["revocation_endpoint"], token=refreshed["refresh_token"]).status_code == 200
    assert session.get(document["userinfo_endpoint"]).status_code == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.refresh_token(document["token_endpoint"], refresh_token=refreshed["refresh_token"])


def test_a_service_gets_a_token_by_itself(served: Served) -> None:
    session = OAuth2Session("nightly", quote_plus(SECRETS["nightly"]))
    token = session.fetch_token(discover(served)["token_endpoint"], grant_type="client_credentials")
    assert token["token_type"] == "Bearer"
    assert "refresh_token" not in token


@pytest.mark.parametrize(("scope", "given"), [("read:reports", "read:reports"), (SCOPE, "read:reports write:reports")])
def test_a_service_may_send_the_scope_of_its_session(served: Served, scope: str, given: str) -> None:
    session = OAuth2Session("nightly", quote_plus(SECRETS["nightly"]), scope=scope)
    token = session.fetch_token(discover(served)["token_endpoint"], grant_type="client_credentials")
    assert token["scope"] == given


def test_signing_out_at_the_client_ends_the_session_here(served: Served, browser: Browser) -> None:
    document, session = discover(served), session_of("portal")
    verifier = generate_token(48)
    url, _state = session.create_authorization_url(document["authorization_endpoint"], code_verifier=verifier)
    landing = walk_through(browser.open(url), browser)
    token = session.fetch_token(document["token_endpoint"], authorization_response=landing.url, code_verifier=verifier)
    query = {
        "id_token_hint": token["id_token"],
        "post_logout_redirect_uri": "https://portal.example.com/",
        "state": "s",
    }
    landing = browser.open(f"{document['end_session_endpoint']}?{urlencode(query)}")
    assert landing.url == "https://portal.example.com/?state=s"
    assert browser.open(url).heading == "Sign in"
