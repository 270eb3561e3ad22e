"""Step-up: an API asks for a more recent or better sign-in, and the token that the server then gives meets it."""

import re
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.test import Client, TestResponse

from authserver.guard import Document, Guard
from authserver.guard.wsgi import WsgiGuard
from tests.flows.browser import PASSWORD, Browser
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS
from tests.flows.relying_party import RelyingParty, Tokens


def guarded(provider: Provider) -> WsgiGuard:
    """The API's guard, which knows this server alone."""

    def fetch(url: str) -> Document:
        return Document(provider.call("GET", url.removeprefix(provider.issuer)).get_json(), None)

    return WsgiGuard(Guard(provider.issuer, REPORTS, clock=provider.clock, fetch=fetch))


def api(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]


def call(application: WSGIApplication, tokens: Tokens) -> TestResponse:
    return Client(application).get("/", headers={"Authorization": f"Bearer {tokens.access_token}"})


def demanded(answer: TestResponse) -> dict[str, str]:
    challenge = answer.headers["WWW-Authenticate"]
    assert (answer.status_code, 'error="insufficient_user_authentication"' in challenge) == (401, True)
    return dict(re.findall(r'(acr_values|max_age)="([^"]*)"', challenge))


def test_an_old_sign_in_is_challenged_and_a_new_one_meets_it(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    application = guarded(provider).require_max_age(300)(api)
    tokens = portal.sign_in(browser, scope="openid offline_access")
    assert call(application, tokens).text == "done"
    provider.clock.pass_(400)
    # A refresh is no sign-in.
    tokens = portal.refreshed(tokens)
    challenge = demanded(call(application, tokens))
    assert challenge == {"max_age": "300"}
    attempt = portal.ask(scope="openid", **challenge)
    page = browser.open(attempt.url)
    assert page.heading == "Confirm it’s you"
    again = portal.finish(attempt, browser.submit(page, password=PASSWORD))
    assert call(application, again).text == "done"
    # What the person did not do for the first authorization, that one does not get.
    assert demanded(call(application, portal.refreshed(tokens))) == challenge


def test_a_level_is_looked_for_in_the_token_and_named(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    guard = guarded(provider)
    tokens = portal.sign_in(browser)
    assert call(guard.require_acr("1")(api), tokens).text == "done"
    assert demanded(call(guard.require_acr("gold", "silver", max_age=9)(api), tokens)) == {
        "acr_values": "gold silver",
        "max_age": "9",
    }


def test_a_service_has_no_sign_in_to_be_recent(provider: Provider) -> None:
    nightly, guard = provider.client("nightly"), guarded(provider)
    tokens = nightly.tokens(nightly.post("/token", {"grant_type": "client_credentials"}))
    assert call(guard.require_token(api), tokens).text == "done"
    assert demanded(call(guard.require_max_age(10**6)(api), tokens)) == {"max_age": "1000000"}


def test_one_more_scope_is_asked_for_where_the_challenge_says_so(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    application = guarded(provider).require_all_permissions("read:reports", "write:reports")(api)
    refused = call(application, portal.sign_in(browser, scope="openid read:reports"))
    assert refused.status_code == 403
    found = re.search(r'scope="([^"]*)"', refused.headers["WWW-Authenticate"])
    assert found is not None
    assert call(application, portal.sign_in(browser, scope=f"openid {found[1]}")).text == "done"


def test_introspection_says_how_the_person_signed_in(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    answer = provider.introspect(portal.sign_in(browser).access_token)
    assert (answer["acr"], answer["amr"], "auth_time" in answer) == ("1", ["pwd"], True)
