"""DPoP proofs at the endpoint for pushed requests: they bind the code (RFC 9449 §10.1)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.dpop import BoundClient, bound_client
from tests.flows.provider import Provider
from tests.flows.relying_party import Attempt, RelyingParty
from tests.flows.test_dpop import OFFLINE, bound, error


@pytest.fixture
def keyed(provider: Provider) -> BoundClient:
    return bound_client(provider)


def redemption(client: RelyingParty, browser: Browser, attempt: Attempt, request_uri: str) -> dict[str, str]:
    """What redeems the code of a pushed request."""
    url = f"{client.provider.issuer}/authorize?client_id={client.client_id}&request_uri={request_uri}"
    landing = client.authorize(browser, Attempt(url, attempt.parameters, attempt.verifier))
    return {
        "grant_type": "authorization_code",
        "code": landing.code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": attempt.verifier,
    }


@pytest.mark.parametrize("client_id", ["portal", "dashboard"])
def test_ensure_dpopproof_at_par_endpoint_binding_success(
    provider: Provider, browser: Browser, keyed: BoundClient, client_id: str
) -> None:
    client = provider.client(client_id)
    attempt = client.ask(scope=OFFLINE)
    pushed = client.post("/par", attempt.parameters, DPoP=keyed.proof("/par"))
    assert pushed.status_code == 201, pushed.text
    data = redemption(client, browser, attempt, pushed.get_json()["request_uri"])
    assert error(client.post("/token", data)) == (400, "invalid_grant")
    assert error(client.post("/token", data, **bound_client(provider).at_token())) == (400, "invalid_grant")
    bound(client, client.post("/token", data, **keyed.at_token()))


def test_ensure_mismatched_dpop_jkt_fails(provider: Provider, portal: RelyingParty, keyed: BoundClient) -> None:
    attempt, other = portal.ask(), bound_client(provider)
    mixed = portal.post("/par", attempt.parameters | {"dpop_jkt": other.key.jkt}, DPoP=keyed.proof("/par"))
    assert error(mixed) == (400, "invalid_dpop_proof")
    same = portal.post("/par", attempt.parameters | {"dpop_jkt": keyed.key.jkt}, DPoP=keyed.proof("/par"))
    assert same.status_code == 201


def test_a_pushed_request_takes_a_good_proof_once(portal: RelyingParty, keyed: BoundClient) -> None:
    attempt, used = portal.ask(), keyed.proof("/par")
    assert portal.post("/par", attempt.parameters, DPoP=used).status_code == 201
    for proof in (used, keyed.proof("/token"), keyed.proof("/par", "GET"), "x"):
        assert error(portal.post("/par", attempt.parameters, DPoP=proof)) == (400, "invalid_dpop_proof")
