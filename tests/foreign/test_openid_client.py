"""openid-client of npm, a certified relying party, through the whole of its flows. Needs node 20 and npm."""

import json
from pathlib import Path
from typing import Any

import pytest

from authserver.store import clock
from authserver.store.registration import tokens
from tests.flows.assertions import key
from tests.flows.browser import Browser
from tests.flows.registry import SECRETS
from tests.flows.served import Served
from tests.foreign.program import seen_by
from tests.foreign.test_authlib import CLIENTS, SLOW, walk_through
from tests.npm import installed

KINDS = CLIENTS | {"vault": ("private_key_jwt", "https://vault.example.com/callback")}
SOURCE = Path(__file__).parent / "openid-client"
POST_LOGOUT = {name: f"https://{name}.example.com/" for name in ("portal", "intranet", "dashboard")}


@pytest.fixture(scope="session")
def openid_client(request: pytest.FixtureRequest) -> Path:
    """A folder with the script and the library it needs, installed once and kept in pytest's cache."""
    return installed(SOURCE, request.config)


def run(folder: Path, served: Served, browser: Browser, client_id: str) -> dict[str, Any]:
    """What the script has seen, a person's browser having opened what it asked for."""
    method, redirect_uri = KINDS[client_id]
    asked = {
        "issuer": served.issuer,
        "clientId": client_id,
        "secret": SECRETS.get(client_id),
        "privateKey": key().as_dict(private=True) if method == "private_key_jwt" else None,
        "method": method,
        "redirectUri": redirect_uri,
        "postLogout": POST_LOGOUT.get(client_id),
    }

    def visit(url: str) -> str:
        landing = browser.open(url)
        if landing.heading == "Confirm it’s you":
            landing = browser.sign_in(landing, "ada")
        return walk_through(landing, browser).url

    return seen_by(["node", folder / "flow.mjs", json.dumps(asked)], folder, visit)


@pytest.mark.parametrize(
    "client_id", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in KINDS]
)
def test_a_whole_flow(openid_client: Path, served: Served, browser: Browser, client_id: str) -> None:
    seen = run(openid_client, served, browser, client_id)
    claims, userinfo = seen.pop("claims"), seen.pop("userinfo")
    assert (claims["sub"], claims["aud"], claims["iss"]) == (served.sub, client_id, served.issuer)
    assert (userinfo["sub"], userinfo["email"], userinfo["preferred_username"]) == (
        served.sub,
        "ada@example.com",
        "ada",
    )
    expected: dict[str, Any] = {
        "rotated": True,
        "sameSubject": True,
        "reauthenticated": True,
        "replay": "invalid_grant",
        "revoked": "invalid_grant",
        "silent": True,
        "refused": "invalid_target",
    }
    if KINDS[client_id][0] != "none":
        expected["active"] = True
    if client_id in POST_LOGOUT:
        expected |= {"signedOut": True, "afterwards": "login_required"}
    assert seen == expected


def test_an_application_that_registers_itself_and_manages_its_registration(
    openid_client: Path, served: Served, browser: Browser
) -> None:
    with served.database.write() as connection:
        token = tokens.make(connection, (), 1, clock.now(served.database), 3600)[1]
    uri = "https://stranger.example.net/callback"
    asked = {"issuer": served.issuer, "initialAccessToken": token, "redirectUri": uri, "idTokenAlg": "EdDSA"}

    def visit(url: str) -> str:
        return walk_through(browser.open(url), browser).url

    assert seen_by(["node", openid_client / "register.mjs", json.dumps(asked)], openid_client, visit) == {
        "withoutToken": "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
        "registered": True,
        "spent": "invalid_token",
        "read": "EdDSA",
        "replaced": "Renamed",
        "foreign": "invalid_token",
        "sub": served.sub,
        "alg": "EdDSA",
        "userinfo": served.sub,
        "refreshed": served.sub,
        "removed": 204,
        "gone": "invalid_token",
        "dead": "invalid_client",
    }


@pytest.mark.parametrize("alg", ["ES256", pytest.param("Ed25519", marks=pytest.mark.slow)])
def test_tokens_that_are_bound_to_its_key(openid_client: Path, served: Served, browser: Browser, alg: str) -> None:
    _, redirect_uri = CLIENTS["dashboard"]
    asked = {"issuer": served.issuer, "clientId": "dashboard", "redirectUri": redirect_uri, "alg": alg}

    def visit(url: str) -> str:
        return walk_through(browser.open(url), browser).url

    seen = seen_by(["node", openid_client / "dpop.mjs", json.dumps(asked)], openid_client, visit)
    assert seen == {
        "foreignCode": "invalid_grant",
        "type": "dpop",
        "sub": served.sub,
        "foreignToken": "invalid_dpop_proof",
        "foreignRefresh": "invalid_grant",
        "refreshed": "dpop",
    }
