"""Nonces of the server in DPoP proofs, where a setting wants them (RFC 9449 §8, §9)."""

from tests.flows.conftest import MakeProvider
from tests.flows.dpop import bound_client
from tests.flows.test_dpop import bound, error, redeemed


def test_with_nonces_a_proof_must_have_the_one_that_the_server_gave(make_provider: MakeProvider) -> None:
    provider, other_worker = make_provider(dpop_nonce=True), make_provider(dpop_nonce=True)
    keyed, nightly = bound_client(provider), provider.client("nightly")
    first = nightly.post("/token", {"grant_type": "client_credentials"}, **keyed.at_token())
    assert error(first) == (400, "use_dpop_nonce")
    nonce = first.headers["DPoP-Nonce"]
    again = other_worker.client("nightly").post(
        "/token", {"grant_type": "client_credentials"}, **keyed.at_token(nonce=nonce)
    )
    bound(nightly, again)
    assert again.headers["DPoP-Nonce"]
    made_up = nightly.post("/token", {"grant_type": "client_credentials"}, **keyed.at_token(nonce="made up"))
    assert error(made_up) == (400, "use_dpop_nonce")


def test_a_nonce_lives_for_minutes_and_makes_up_for_a_wrong_clock(make_provider: MakeProvider) -> None:
    provider = make_provider(dpop_nonce=True)
    keyed, nightly = bound_client(provider), provider.client("nightly")
    nonce = nightly.post("/token", {"grant_type": "client_credentials"}, **keyed.at_token()).headers["DPoP-Nonce"]
    wrong = keyed.at_token(nonce=nonce, iat=provider.clock.now - 86400)
    bound(nightly, nightly.post("/token", {"grant_type": "client_credentials"}, **wrong))
    provider.clock.pass_(140)
    bound(nightly, nightly.post("/token", {"grant_type": "client_credentials"}, **keyed.at_token(nonce=nonce)))
    assert error(nightly.post("/token", {"grant_type": "client_credentials"}, **wrong)) == (400, "invalid_dpop_proof")
    provider.clock.pass_(301)
    late = nightly.post("/token", {"grant_type": "client_credentials"}, **keyed.at_token(nonce=nonce))
    assert error(late) == (400, "use_dpop_nonce")


def test_at_the_resource_a_nonce_is_asked_for_in_the_challenge(make_provider: MakeProvider) -> None:
    provider = make_provider(dpop_nonce=True)
    keyed, portal, browser = bound_client(provider), provider.client("portal"), provider.browser()
    first = redeemed(portal, browser, keyed.at_token())
    nonce = first.headers["DPoP-Nonce"]
    token = bound(portal, redeemed(portal, browser, keyed.at_token(nonce=nonce))).access_token
    asked = provider.call("GET", "/userinfo", headers=keyed.at("/userinfo", token))
    assert asked.status_code == 401
    assert 'error="use_dpop_nonce"' in asked.headers["WWW-Authenticate"]
    headers = keyed.at("/userinfo", token, nonce=asked.headers["DPoP-Nonce"])
    assert provider.call("GET", "/userinfo", headers=headers).status_code == 200
