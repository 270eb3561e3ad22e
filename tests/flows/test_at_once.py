"""A request that needs no page is answered before Flask is entered, and nobody can tell."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import request
from werkzeug.test import TestResponse

from authserver.signin.session import cookie_name
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty


@dataclass
class Views:
    """The paths that Flask was entered for."""

    entered: list[str] = field(default_factory=list)


@pytest.fixture
def views(provider: Provider) -> Views:
    views = Views()
    provider.app.before_request(lambda: views.entered.append(request.path))
    return views


def ask(provider: Provider, browser: Browser, url: str, method: str = "GET", **headers: str) -> TestResponse:
    cookie = browser.cookie(cookie_name(provider.app.server.settings))
    sent = {"Cookie": f"{cookie_name(provider.app.server.settings)}={cookie}"} | headers
    return provider.call(method, url, headers=sent)


@on_both
@pytest.mark.parametrize("client_id", ["portal", "intranet", "backoffice"])
def test_whether_a_view_or_not_answers_makes_no_difference(
    provider: Provider, browser: Browser, views: Views, client_id: str
) -> None:
    client = provider.client(client_id)
    client.sign_in(browser, "mia" if client_id == "backoffice" else "ada")
    views.entered.clear()
    at_once = ask(provider, browser, client.ask(state="s", nonce="n").url)
    assert views.entered == []
    provider.app.at_once = {}
    by_view = ask(provider, browser, client.ask(state="s", nonce="n").url)
    assert views.entered == ["/authorize"]
    assert at_once.status_code == by_view.status_code == 303
    assert unlike(at_once) == unlike(by_view)


def unlike(response: TestResponse) -> dict[str, object]:
    """Headers, without the values that differ from answer to answer."""
    headers: dict[str, object] = dict(response.headers)
    del headers["X-Request-Id"]
    headers.pop("Content-Type", None)
    location = urlsplit(str(headers["Location"]))
    headers["Location"] = location._replace(query=""), {**dict(parse_qsl(location.query)), "code": ""}
    return headers


@on_both
def test_its_code_buys_what_any_code_buys(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    first = portal.sign_in(browser)
    attempt = portal.ask()
    tokens = portal.finish(attempt, browser.open(attempt.url))
    assert tokens.id_claims["nonce"] == attempt.nonce
    assert {name: tokens.id_claims[name] for name in ("sub", "sid", "auth_time", "amr")} == {
        name: first.id_claims[name] for name in ("sub", "sid", "auth_time", "amr")
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "login"},
        {"prompt": "consent"},
        {"prompt": "select_account"},
        {"max_age": "0"},
        {"scope": "openid profile"},
        {"response_mode": "form_post"},
        {"response_type": "token"},
        {"code_challenge": None},
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "unknown"},
        {"request": "a.b.c"},
        {"id_token_hint": "a.b.c"},
    ],
    ids=lambda changes: "=".join(map(str, *changes.items())),
)
def test_what_needs_a_page_a_form_or_an_error_is_left_to_the_view(
    provider: Provider, browser: Browser, portal: RelyingParty, views: Views, changes: dict[str, str | None]
) -> None:
    portal.sign_in(browser, scope="openid")
    views.entered.clear()
    response = ask(provider, browser, portal.ask(**changes).url)
    assert views.entered == ["/authorize"]
    assert "code=" not in response.headers.get("Location", "")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT"])
def test_no_other_method_is_answered_at_once(
    provider: Provider, browser: Browser, intranet: RelyingParty, method: str
) -> None:
    intranet.sign_in(browser)
    response = ask(provider, browser, intranet.ask().url, method)
    assert response.status_code in {400, 405}


COOKIES = ["", "unknown", "x" * 5000, '"', "\\", "é", "a=b; c", "%00", ";;;=", '"\\012"']


@pytest.mark.parametrize("value", COOKIES)
def test_a_cookie_that_names_no_session_signs_nobody_in(
    provider: Provider, intranet: RelyingParty, views: Views, value: str
) -> None:
    name = cookie_name(provider.app.server.settings)
    response = provider.call("GET", intranet.ask().url, headers={"Cookie": f"{name}={value}"})
    assert views.entered == ["/authorize"]
    assert response.headers["Location"].startswith(f"{provider.issuer}/sign-in?request=")


def test_a_session_that_ended_gives_no_code(
    provider: Provider, browser: Browser, intranet: RelyingParty, views: Views
) -> None:
    intranet.sign_in(browser)
    provider.clock.pass_(3600)
    views.entered.clear()
    assert "/sign-in?" in ask(provider, browser, intranet.ask().url).headers["Location"]
    assert views.entered == ["/authorize"]


def test_answering_at_once_keeps_the_session_from_falling_idle(
    provider: Provider, browser: Browser, intranet: RelyingParty, views: Views
) -> None:
    intranet.sign_in(browser)
    views.entered.clear()
    for _ in range(4):
        provider.clock.pass_(3000)
        assert "code=" in ask(provider, browser, intranet.ask().url).headers["Location"]
    assert views.entered == []
