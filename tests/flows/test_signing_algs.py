"""What tokens are signed with: by client, by API, and what each of the two decides.

RFC 7518 §3.1; RFC 8037 §3.1; OpenID Connect Registration §2; Back-Channel Logout 1.0 §2.4.
"""

from typing import get_args

import jwt
import pytest

from authserver.keys.life import SETTLING
from authserver.protocol.client.client import SigningAlg
from tests.flows.browser import Browser
from tests.flows.listening import deliver, leave, listening
from tests.flows.provider import Provider
from tests.flows.registering import APP, initial, party, refusal, registered, send
from tests.flows.registry import REPORTS, USERS
from tests.flows.test_token_exchange import RULES, exchange, token

ALGS = get_args(SigningAlg)


def declared(provider: Provider, *, client: str = "", api: str = "") -> None:
    """Give the portal and the API of reports more lines in clients.yaml, and let the keys for them begin."""
    provider.amend("  - client_id: portal\n", f"  - client_id: portal\n{client}")
    provider.amend(f"    audience: {REPORTS}\n", f"    audience: {REPORTS}\n{api}")
    server = provider.app.server
    server.keys.maintain(provider.clock.now, server.registry.signing_algs)
    provider.clock.pass_(SETTLING)


def alg_of(signed: str) -> str:
    return str(jwt.get_unverified_header(signed)["alg"])


@pytest.mark.parametrize("alg", ALGS)
def test_a_client_s_algorithm_is_that_of_all_its_tokens(provider: Provider, browser: Browser, alg: str) -> None:
    declared(provider, client=f"    signing_alg: {alg}\n")
    tokens = provider.client("portal").sign_in(browser)
    for signed, typ in ((tokens.access_token, "at+jwt"), (tokens.id_token, "JWT")):
        assert alg_of(signed) == alg
        assert provider.verify(signed, typ)["sub"] == provider.people["ada"]
    refreshed = provider.client("portal").refreshed(tokens)
    assert {alg_of(refreshed.access_token), alg_of(refreshed.id_token)} == {alg}
    # This server takes what it signs, at each of its endpoints.
    assert provider.userinfo(tokens.access_token).status_code == 200
    assert provider.is_alive(tokens.access_token)
    leave(browser, tokens)
    assert not provider.is_alive(tokens.access_token)


@pytest.mark.parametrize("alg", ALGS)
def test_an_api_s_algorithm_is_that_of_its_access_tokens_and_of_nothing_else(
    provider: Provider, browser: Browser, alg: str
) -> None:
    declared(provider, api=f"    signing_alg: {alg}\n")
    portal, kiosk = provider.client("portal"), provider.client("kiosk")
    of_reports = portal.sign_in(browser, resource=REPORTS)
    assert (alg_of(of_reports.access_token), alg_of(of_reports.id_token)) == (alg, "RS256")
    # The client has ES256, and the API goes before that.
    assert alg_of(kiosk.sign_in(provider.browser()).access_token) == alg
    nightly = provider.client("nightly")
    answers = (
        nightly.post("/token", {"grant_type": "client_credentials", "resource": each}) for each in (REPORTS, USERS)
    )
    assert [alg_of(answer.get_json()["access_token"]) for answer in answers] == [alg, "RS256"]


def test_id_and_logout_tokens_may_have_an_algorithm_of_their_own(provider: Provider, browser: Browser) -> None:
    with listening() as application:
        uri = f"    backchannel_logout_uri: {application.url}\n"
        declared(provider, client=f"    signing_alg: ES256\n    id_token_signed_response_alg: EdDSA\n{uri}")
        tokens = provider.client("portal").sign_in(browser)
        assert (alg_of(tokens.access_token), alg_of(tokens.id_token)) == ("ES256", "EdDSA")
        leave(browser, tokens)
        deliver(provider)
        assert application.claims(provider, "portal")["sub"] == provider.people["ada"]
        assert alg_of(application.tokens[-1]) == "EdDSA"


def test_a_token_that_an_api_exchanges_is_signed_as_the_other_api_wants_it(provider: Provider) -> None:
    provider.amend(f"    audience: {REPORTS}\n", f"    audience: {REPORTS}\n{RULES}")
    provider.amend(f"    audience: {USERS}\n", f"    audience: {USERS}\n    signing_alg: EdDSA\n")
    held = token(provider)
    waits = exchange(provider, held)
    assert (waits.status_code, waits.headers["Retry-After"]) == (503, str(SETTLING))
    provider.clock.pass_(SETTLING)
    answer = exchange(provider, held).get_json()
    assert alg_of(answer["access_token"]) == "EdDSA"


def test_an_api_s_new_algorithm_spends_nothing_until_its_key_signs(provider: Provider, browser: Browser) -> None:
    portal = provider.client("portal")
    tokens = portal.sign_in(browser)
    provider.amend(f"    audience: {REPORTS}\n", f"    audience: {REPORTS}\n    signing_alg: PS256\n")
    attempt = portal.ask()
    code = portal.authorize(browser, attempt).code
    for _ in range(2):
        refused = portal.redeem(attempt, code)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, str(SETTLING))
        assert portal.refresh(tokens.refresh_token).status_code == 503
    provider.clock.pass_(SETTLING)
    assert alg_of(portal.tokens(portal.redeem(attempt, code)).access_token) == "PS256"
    assert alg_of(portal.refreshed(tokens).access_token) == "PS256"


@pytest.mark.parametrize("alg", ALGS)
def test_who_registers_chooses_for_its_id_tokens_and_not_for_apis(
    provider: Provider, browser: Browser, alg: str
) -> None:
    of = registered(provider, scope="openid read:reports", id_token_signed_response_alg=alg)
    assert of["id_token_signed_response_alg"] == alg
    provider.app.server.keys.wait(alg, provider.clock.now)
    provider.clock.pass_(SETTLING)
    tokens = party(provider, of).sign_in(browser, scope="openid read:reports", resource=REPORTS)
    assert (alg_of(tokens.id_token), alg_of(tokens.access_token)) == (alg, "RS256")


@pytest.mark.parametrize("alg", ["none", "HS256", "RS512", "Ed448", "", 5, ["RS256"]])
def test_an_algorithm_that_is_not_here_cannot_be_registered(provider: Provider, alg: object) -> None:
    answer = send(provider, APP | {"id_token_signed_response_alg": alg}, initial(provider))
    assert refusal(answer)[0] == "invalid_client_metadata"
