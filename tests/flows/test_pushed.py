"""Pushed authorization requests (RFC 9126): checked when pushed, bound to the client, answered once."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from tests.flows.assertions import JWT_BEARER, assertion
from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import always_on_both
from tests.flows.provider import Provider
from tests.flows.registry import SECRETS
from tests.flows.relying_party import EVERYTHING, Attempt, RelyingParty, basic
from tests.store.at_once import at_once

EXPIRED = "This sign-in has expired"


def refused(relying_party: RelyingParty, attempt: Attempt, **changes: str) -> str:
    response = relying_party.push(attempt, **changes)
    assert response.status_code == 400, response.text
    return str(response.get_json()["error"])


@always_on_both
@pytest.mark.parametrize("client_id", ["portal", "intranet", "vault", "dashboard", "terminal"])
def test_every_kind_of_client_pushes_and_signs_a_person_in(
    provider: Provider, browser: Browser, client_id: str
) -> None:
    client = provider.client(client_id)
    attempt = client.pushed(client.ask(scope=EVERYTHING))
    tokens = client.finish(attempt, client.authorize(browser, attempt))
    assert tokens.id_claims["nonce"] == attempt.nonce
    assert client.refreshed(tokens).refresh_token


def test_the_answer_says_how_long_it_waits_and_is_not_stored(make_provider: MakeProvider) -> None:
    provider = make_provider(pushed_request_lifetime=30)
    portal = provider.client("portal")
    answer = portal.push(portal.ask())
    body = answer.get_json()
    assert (answer.status_code, body["expires_in"], body.keys()) == (201, 30, {"request_uri", "expires_in"})
    assert body["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert answer.headers["Cache-Control"] == "no-store"
    assert body["request_uri"].rpartition(":")[2] not in provider.dump()


def test_a_browser_that_is_signed_in_is_answered_at_once(browser: Browser, intranet: RelyingParty) -> None:
    intranet.sign_in(browser)
    attempt = intranet.pushed(intranet.ask())
    landing = browser.open(attempt.url)
    assert len(landing.trail) == 2
    assert intranet.finish(attempt, landing).access_token
    assert browser.open(attempt.url).heading == EXPIRED


def test_without_duplicate_parameters_client_and_request_uri_are_enough(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.pushed(portal.ask())
    assert portal.finish(attempt, portal.authorize(browser, attempt)).access_token


def test_state_only_outside_is_not_used_and_nothing_else_beside_it(browser: Browser, intranet: RelyingParty) -> None:
    attempt = intranet.pushed(intranet.ask(state=None, scope="openid"))
    beside = urlencode({
        "state": "planted", "nonce": "planted", "scope": "openid email", "redirect_uri": "https://evil.example/",
        "response_type": "token", "prompt": "none", "code_challenge": "x" * 43, "response_mode": "fragment",
    })  # fmt: skip
    changed = replace(attempt, url=f"{attempt.url}&{beside}")
    landing = intranet.authorize(browser, changed)
    assert "state" not in landing.answer
    tokens = intranet.finish(attempt, landing)
    assert (tokens.id_claims["nonce"], tokens.body["scope"]) == (attempt.nonce, "openid")


def test_attempt_to_use_expired_request_uri(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.pushed(portal.ask())
    provider.clock.pass_(60)
    landing = browser.open(attempt.url)
    assert (landing.status, landing.heading, landing.is_outside) == (400, EXPIRED, False)


def test_attempt_to_use_request_uri_for_different_client(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.pushed(portal.ask())
    for client_id in ("intranet", "nobody", ""):
        landing = browser.open(attempt.url.replace("client_id=portal", f"client_id={client_id}"))
        assert (landing.status, landing.is_outside) == (400, False)
    # A stranger's attempt does not spend it.
    assert portal.finish(attempt, portal.authorize(browser, attempt)).access_token


def test_ensure_reused_request_uri_prior_to_auth_completion_succeeds(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.pushed(portal.ask())
    first = browser.open(attempt.url)
    assert (first.heading, browser.open(attempt.url).heading) == ("Sign in", "Sign in")
    asked = browser.sign_in(first, "ada")
    assert browser.open(attempt.url).heading == asked.heading == "Allow Team portal?"
    assert portal.finish(attempt, browser.allow(asked)).access_token


def test_attempt_reuse_request_uri(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.pushed(portal.ask())
    portal.finish(attempt, portal.authorize(browser, attempt))
    landing = browser.open(attempt.url)
    assert (landing.status, landing.heading, landing.is_outside) == (400, EXPIRED, False)


def test_a_person_may_take_their_time_once_the_browser_came(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.pushed(portal.ask())
    landing = browser.open(attempt.url)
    provider.clock.pass_(1700)
    assert browser.open(attempt.url).heading == "Sign in"
    assert portal.finish(attempt, browser.allow(browser.sign_in(landing, "ada"))).access_token
    other = portal.pushed(portal.ask())
    browser.open(other.url)
    provider.clock.pass_(1800)
    assert browser.open(other.url).heading == EXPIRED


def test_a_request_is_of_the_browser_that_brought_it_first(provider: Provider, portal: RelyingParty) -> None:
    attempt = portal.pushed(portal.ask())
    one, other = provider.browser(), provider.browser()
    landing = one.open(attempt.url)
    assert other.open(attempt.url).heading == EXPIRED
    assert portal.finish(attempt, one.allow(one.sign_in(landing, "ada"))).access_token


def test_denying_it_spends_it(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.pushed(portal.ask())
    landing = browser.deny(browser.sign_in(browser.open(attempt.url), "ada"))
    assert landing.error == "access_denied"
    assert browser.open(attempt.url).heading == EXPIRED


def test_prompt_none_spends_it_too(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.pushed(portal.ask(prompt="none"))
    landing = browser.open(attempt.url)
    assert (landing.error, landing.answer["state"]) == ("login_required", attempt.state)
    portal.sign_in(browser)
    assert browser.open(attempt.url).heading == EXPIRED


@always_on_both
def test_of_many_at_once_one_gets_a_code(make_provider: MakeProvider) -> None:
    workers = [make_provider() for _ in range(2)]
    intranet, browser = workers[0].client("intranet"), workers[0].browser()
    intranet.sign_in(browser)
    cookie = f"authserver_session={browser.cookie('authserver_session')}"
    path = intranet.pushed(intranet.ask()).url.removeprefix(workers[0].issuer)
    answers = at_once(lambda number: workers[number % 2].call("GET", path, headers={"Cookie": cookie}))
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * (len(answers) - 1)


@always_on_both
def test_of_many_browsers_at_once_one_is_asked(provider: Provider, portal: RelyingParty) -> None:
    path = portal.pushed(portal.ask()).url
    browsers = [provider.browser() for _ in range(16)]
    headings = at_once(lambda number: browsers[number].open(path).heading)
    assert sorted(headings) == ["Sign in"] + [EXPIRED] * 15


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"scope": "made:up"}, "invalid_scope"),
        ({"resource": "https://evil.example"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "["}, "invalid_request"),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"state": "x" * 3000}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request_uri": "https://evil.example/"}, "invalid_request"),
    ],
)
def test_what_the_authorization_endpoint_would_refuse_is_refused_when_it_is_pushed(
    portal: RelyingParty, changes: dict[str, str], error: str
) -> None:
    assert refused(portal, portal.ask(), **changes) == error


def test_a_request_for_longer_than_is_stored_is_refused(make_provider: MakeProvider) -> None:
    provider = make_provider(state_size=16384, max_body=262144)
    portal = provider.client("portal")
    assert refused(portal, portal.ask(), state="é" * 8000, nonce="é" * 8000) == "invalid_request"


def test_who_pushes_must_prove_who_it_is(provider: Provider, portal: RelyingParty) -> None:
    data = portal.ask().parameters
    for authorization in ({}, {"Authorization": basic("portal", "wrong")}):
        answer = provider.post("/par", data, **authorization)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    other = provider.post("/par", data, Authorization=basic("intranet", SECRETS["intranet"]))
    assert other.get_json()["error"] == "invalid_request"
    for name in ("nightly", "reports"):
        answer = provider.post("/par", data | {"client_id": name}, Authorization=basic(name, SECRETS[name]))
        assert answer.get_json()["error"] == "unauthorized_client"


def test_an_assertion_at_par_is_spent_everywhere(provider: Provider) -> None:
    vault = provider.client("vault")
    made = assertion("vault", provider.issuer, provider.clock.now)
    sent = {"client_assertion_type": JWT_BEARER, "client_assertion": made}
    assert provider.post("/par", vault.ask().parameters | sent).status_code == 201
    for path in ("/par", "/token"):
        again = vault.ask().parameters | sent | {"grant_type": "client_credentials"}
        assert provider.post(path, again).status_code == 401


def test_a_redirect_uri_that_is_taken_out_meanwhile_gets_no_answer(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.pushed(portal.ask())
    provider.amend("https://portal.example.com/callback", "https://portal.example.com/other")
    landing = browser.open(attempt.url)
    assert (landing.status, landing.is_outside) == (400, False)


@pytest.mark.parametrize(
    "prefix", ["https://portal.example.com/r?", "urn:other:", "URN:ietf:params:oauth:request_uri:"]
)
def test_another_request_uri_is_still_not_supported(browser: Browser, portal: RelyingParty, prefix: str) -> None:
    asked = portal.ask(request_uri=f"{prefix}x")
    assert browser.open(asked.url).error == "request_uri_not_supported"


@pytest.mark.parametrize("made_up", ["", "x", "x" * 5000, "é", "%00"])
def test_a_made_up_request_uri_is_refused_cleanly(browser: Browser, provider: Provider, made_up: str) -> None:
    url = f"{provider.issuer}/authorize?client_id=portal&request_uri=urn:ietf:params:oauth:request_uri:{made_up}"
    landing = browser.open(url)
    assert (landing.status, landing.is_outside) == (400, False)


def test_ensure_unsigned_authorization_request_without_using_par_fails(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    portal.sign_in(browser)
    provider.amend("name: Team portal", "name: Team portal\n    require_pushed_authorization_requests: true")
    for prompt in (None, "none"):
        landing = browser.open(portal.ask(prompt=prompt).url)
        assert (landing.error, "code" in landing.answer) == ("invalid_request", False)
    attempt = portal.pushed(portal.ask())
    assert portal.finish(attempt, portal.authorize(browser, attempt)).access_token
    assert provider.client("intranet").sign_in(provider.browser()).access_token


def test_pushing_may_be_required_of_all(make_provider: MakeProvider) -> None:
    provider = make_provider(require_pushed_authorization_requests=True)
    document = provider.call("GET", "/.well-known/openid-configuration").get_json()
    assert document["require_pushed_authorization_requests"] is True
    for client_id in ("portal", "dashboard"):
        client, browser = provider.client(client_id), provider.browser()
        assert browser.open(client.ask().url).error == "invalid_request"
        attempt = client.pushed(client.ask())
        assert client.finish(attempt, client.authorize(browser, attempt)).access_token


def test_strangers_cannot_fill_the_database_as_a_public_client(make_provider: MakeProvider) -> None:
    provider = make_provider(request_limit="3 per hour")
    dashboard, portal = provider.client("dashboard"), provider.client("portal")
    answers = [dashboard.push(dashboard.ask()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert [portal.push(portal.ask()).status_code for _ in range(5)] == [201] * 5


def test_a_request_by_post_may_be_a_pushed_one(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.pushed(portal.ask())
    fields = dict(pair.split("=") for pair in attempt.url.partition("?")[2].replace("%3A", ":").split("&"))
    landing = browser.post("/authorize", fields)
    assert landing.heading == "Sign in"
