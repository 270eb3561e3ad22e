"""How an authorization response travels: query or form_post, with `state` and `iss` in every one (RFC 9207)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

STATES = ["x", "a b+c&d=e%20", "\"\\'<script>", "é€\u2028😀", "#x?y", "x" * 4000, "\r\nLocation: https://evil.example"]
# Each with what is wrong and the error that the client must hear.
ERRORS: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": ""}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "id_token"}, "unsupported_response_type"),
    ({"response_type": "id_token token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": "code token"}, "unsupported_response_type"),
    ({"response_type": "none"}, "unsupported_response_type"),
    ({"response_type": "CODE"}, "unsupported_response_type"),
    ({"response_type": "code code"}, "unsupported_response_type"),
    ({"response_type": '"\\é'}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "web_message"}, "invalid_request"),
    ({"response_mode": "query.jwt"}, "invalid_request"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ({"request_uri": "https://evil.example/request"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"scope": "unknown"}, "invalid_scope"),
    ({"prompt": "none"}, "login_required"),
    ({"prompt": "unknown"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"nonce": "x" * 5000}, "invalid_request"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"id_token_hint": "x"}, "invalid_request"),
    ({"resource": "https://unknown.example"}, "invalid_target"),
    ({"login_hint": "\0"}, "invalid_request"),
]


@on_both
@pytest.mark.parametrize("mode", ["query", "form_post", None])
def test_a_code_comes_with_state_and_iss_in_every_mode(
    provider: Provider, browser: Browser, portal: RelyingParty, mode: str | None
) -> None:
    attempt = portal.ask(response_mode=mode)
    landing = portal.authorize(browser, attempt)
    assert landing.is_outside is (mode != "form_post")
    assert landing.answer.keys() == {"code", "state", "iss"}
    portal.finish(attempt, landing)


@pytest.mark.parametrize("mode", ["query", "form_post"])
@pytest.mark.parametrize(("changes", "error"), ERRORS)
def test_an_error_comes_with_state_and_iss_in_every_mode(
    provider: Provider,
    browser: Browser,
    portal: RelyingParty,
    mode: str,
    changes: dict[str, str | None],
    error: str,
) -> None:
    attempt = portal.ask(**({"response_mode": mode} | changes))
    landing = browser.open(attempt.url)
    if landing.is_outside:
        assert landing.url.startswith("https://portal.example.com/callback?")
    else:
        assert landing.page.form.action == "https://portal.example.com/callback"
    assert landing.is_outside is (mode == "query" or "response_mode" in changes)
    assert landing.answer.keys() == {"error", "error_description", "state", "iss"}
    assert (landing.error, landing.answer["state"]) == (error, attempt.state)
    assert landing.answer["iss"] == provider.issuer
    for value in changes.values():
        if value and len(value) > 8:
            assert value not in landing.answer["error_description"]


@pytest.mark.parametrize("mode", ["query", "form_post"])
@pytest.mark.parametrize("state", STATES)
def test_a_state_comes_back_unchanged_whatever_characters_it_holds(
    browser: Browser, intranet: RelyingParty, mode: str, state: str
) -> None:
    attempt = intranet.ask(state=state, response_mode=mode)
    landing = intranet.authorize(browser, attempt)
    assert landing.answer["state"] == state
    assert "#" not in landing.url
    failed = browser.open(intranet.ask(state=state, response_mode=mode, prompt="x").url)
    assert failed.answer["state"] == state


@pytest.mark.parametrize("state", ["a\nb", "a\rb", "\n", "a\r\n\rb"])
def test_a_line_break_that_a_form_would_change_is_refused_there_and_travels_in_a_query(
    browser: Browser, intranet: RelyingParty, state: str
) -> None:
    attempt = intranet.ask(state=state)
    assert intranet.authorize(browser, attempt).answer["state"] == state
    assert browser.open(intranet.ask(state=state, response_mode="form_post").url).error == "invalid_request"
    assert browser.open(intranet.ask(state="a\r\nb", response_mode="form_post").url).code


@pytest.mark.parametrize("changes", [{}, {"prompt": "unknown"}])
def test_without_a_state_none_is_made_up(browser: Browser, intranet: RelyingParty, changes: dict[str, str]) -> None:
    landing = intranet.authorize(browser, intranet.ask(state=None, **changes))
    assert "state" not in landing.answer
    assert "iss" in landing.answer


def test_the_form_is_sent_by_itself_to_the_client_alone_and_by_hand_without_script(
    browser: Browser, intranet: RelyingParty
) -> None:
    landing = intranet.authorize(browser, intranet.ask(response_mode="form_post"))
    form = landing.page.form
    assert (form.method, form.action) == ("post", "https://intranet.example.com/callback")
    assert "csrf_token" not in form.fields
    assert "Continue" in form.buttons
    assert landing.page.element("script")["src"]
    assert landing.headers["Content-Security-Policy"].endswith("form-action 'self' https:")


@pytest.mark.parametrize("name", ["state", "nonce", "scope", "prompt", "response_type", "code_challenge", "x"])
def test_a_repeated_parameter_is_an_error_to_the_client(browser: Browser, intranet: RelyingParty, name: str) -> None:
    intranet.sign_in(browser)
    attempt = intranet.ask(x="y", prompt="consent")
    landing = browser.open(f"{attempt.url}&{name}={attempt.parameters[name]}")
    assert (landing.is_outside, landing.error) == (True, "invalid_request")
    assert landing.answer.get("state") == (None if name == "state" else attempt.state)


def test_empty_parameters_are_absent_and_unknown_ones_ignored(browser: Browser, intranet: RelyingParty) -> None:
    names = ("prompt", "max_age", "login_hint", "response_mode", "resource", "request", "id_token_hint")
    attempt = intranet.ask(**dict.fromkeys(names, ""), unknown="x", acr_values="x")
    intranet.finish(attempt, intranet.authorize(browser, attempt))


def test_no_token_ever_travels_in_a_url(browser: Browser, portal: RelyingParty) -> None:
    for response_type in ("token", "id_token", "code id_token", "code token"):
        landing = portal.authorize(browser, portal.ask(response_type=response_type))
        assert not landing.answer.keys() & {"access_token", "id_token", "code"}
        assert "#" not in landing.url
