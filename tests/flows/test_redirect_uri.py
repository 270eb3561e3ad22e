"""Where a browser may be sent: a registered URI, byte for byte, or nowhere (RFC 9700 §2.1, §4.1)."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.flows.browser import Browser, Landing
from tests.flows.provider import Provider
from tests.flows.registry import CLIENTS_YAML
from tests.flows.relying_party import RelyingParty

REGISTERED = "https://portal.example.com/callback"
NEARLY = [
    "https://portal.example.com/callback/",
    "https://portal.example.com/callback/evil",
    "https://portal.example.com/callbac",
    "https://portal.example.com/Callback",
    "https://PORTAL.example.com/callback",
    "HTTPS://portal.example.com/callback",
    "http://portal.example.com/callback",
    "https://portal.example.com:443/callback",
    "https://portal.example.com:8443/callback",
    "https://portal.example.com./callback",
    "https://portal.example.com/./callback",
    "https://portal.example.com/x/../callback",
    "https://portal.example.com/x/%2e%2e/callback",
    "https://portal.example.com//callback",
    "https://portal.example.com/callb%61ck",
    "https://portal.example.com/callback?",
    "https://portal.example.com/callback?code=planted",
    "https://portal.example.com/callback?x=1&state=planted&iss=planted",
    "https://portal.example.com/callback#",
    "https://portal.example.com/callback#fragment",
    "https://user@portal.example.com/callback",
    "https://portal.example.com@evil.example/callback",
    "https://portal.example.com\\@evil.example/callback",
    "https://evil.example\\.portal.example.com/callback",
    "https://portal.example.com.evil.example/callback",
    "https://evil.example/https://portal.example.com/callback",
    "https://sub.portal.example.com/callback",
    " https://portal.example.com/callback",
    "https://portal.example.com/callback ",
    "https://portal.example.com/callback\r\nLocation: https://evil.example",
    "https://portal.example.com/callback\t",
    "https://portal.example.com/callback\0",
    "https://portal.example.com/\u202ecallback",
    "https://portal.example.com/callback\u200b",
    "https://p\u043ertal.example.com/callback",
    "//portal.example.com/callback",
    "/callback",
    "javascript:alert(1)//https://portal.example.com/callback",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://portal.example.com/x",
    "https://portal.example.com/tenant?of=a+b&x",
    "https://portal.example.com/tenant?x&of=a%20b",
    "https://portal.example.com/callback" + "a" * 50_000,
    "https://intranet.example.com/callback",
    "['https://portal.example.com/callback']",
]


def assert_shown(landing: Landing, refused: str) -> None:
    """A page of the server that sends the browser nowhere and names nothing that was received."""
    assert not landing.is_outside
    assert landing.status == 400
    assert len(landing.trail) == 1
    # Our own start page, and nothing of what was sent.
    assert landing.page.links == {"Go to the start page": "http://localhost:8080/"}
    assert landing.page.forms == []
    if len(refused) > 5 and not REGISTERED.startswith(refused):
        assert refused not in landing.text


@pytest.mark.parametrize("uri", NEARLY)
def test_what_is_not_a_registered_uri_byte_for_byte_is_shown_and_sends_the_browser_nowhere(
    browser: Browser, portal: RelyingParty, uri: str
) -> None:
    assert_shown(browser.open(portal.ask(redirect_uri=uri).url), uri)


@pytest.mark.parametrize(
    "also_wrong",
    [
        {"response_type": "token"},
        {"response_type": None},
        {"scope": "\\"},
        {"prompt": "none"},
        {"prompt": "none login"},
        {"request": "x"},
        {"request_uri": "https://evil.example/x"},
        {"code_challenge": None},
        {"response_mode": "fragment"},
        {"response_mode": "form_post"},
        {"max_age": "x"},
        {"id_token_hint": "x"},
        {"resource": "https://evil.example"},
    ],
)
def test_a_wrong_redirect_uri_comes_before_every_other_fault(
    browser: Browser, portal: RelyingParty, also_wrong: dict[str, str | None]
) -> None:
    landing = browser.open(portal.ask(redirect_uri="https://evil.example/", **also_wrong).url)
    assert_shown(landing, "https://evil.example/")


@pytest.mark.parametrize("client_id", [None, "", "nobody", "Portal", "portal ", "portal\0", "nightly", "reports"])
def test_an_unknown_client_is_shown_a_page_and_its_uri_is_worth_nothing(
    browser: Browser, portal: RelyingParty, client_id: str | None
) -> None:
    assert_shown(browser.open(portal.ask(client_id=client_id, redirect_uri="https://evil.example/").url), "evil")
    assert_shown(browser.open(portal.ask(client_id=client_id).url), "https://portal")


def test_a_missing_or_empty_redirect_uri_is_an_error_where_several_are_registered(
    browser: Browser, portal: RelyingParty
) -> None:
    assert_shown(browser.open(portal.ask(redirect_uri=None).url), "https://portal")
    assert_shown(browser.open(portal.ask(redirect_uri="").url), "https://portal")


@pytest.mark.parametrize("scope", ["openid", "openid profile", "email openid"])
def test_with_openid_in_scope_a_redirect_uri_is_required_where_one_is_registered_too(
    provider: Provider, browser: Browser, scope: str
) -> None:
    intranet = provider.client("intranet")
    for uri in (None, ""):
        assert_shown(browser.open(intranet.ask(redirect_uri=uri, scope=scope).url), "https://intranet")
    for other in ("profile", "profile openidx", None):
        assert browser.open(intranet.ask(redirect_uri=None, scope=other).url).heading == "Sign in"


@pytest.mark.parametrize(
    "second",
    [
        "redirect_uri=https://evil.example/",
        "redirect_uri=https%3A%2F%2Fintranet.example.com%2Fcallback",
        "redirect%5Furi=https://evil.example/",
        "client_id=portal",
    ],
)
@pytest.mark.parametrize("client_id", ["portal", "intranet"])
def test_a_repeated_redirect_uri_or_client_id_is_shown(
    provider: Provider, browser: Browser, client_id: str, second: str
) -> None:
    url = provider.client(client_id).ask().url
    assert_shown(browser.open(f"{url}&{second}"), "evil")
    path, _, query = url.partition("?")
    assert_shown(browser.open(f"{path}?{second}&{query}"), "evil")


@pytest.mark.parametrize("name", ["redirect_uri[]", "redirect_uri[0]", "redirect_uri.x", "Redirect_URI"])
def test_a_bracketed_name_is_another_parameter(browser: Browser, portal: RelyingParty, name: str) -> None:
    attempt = portal.ask(redirect_uri=None, **{name: REGISTERED})
    assert_shown(browser.open(attempt.url), REGISTERED)


def test_a_registered_query_is_kept_as_it_is_and_the_response_is_appended(provider: Provider, browser: Browser) -> None:
    registered = "https://portal.example.com/tenant?of=a%20b&x"
    portal = provider.client("portal", registered)
    attempt = portal.ask(state="s")
    landing = portal.authorize(browser, attempt)
    assert landing.url.startswith(registered + "&code=")
    code = landing.url.partition("&code=")[2].partition("&")[0]
    portal.tokens(portal.redeem(attempt, code))


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:49152/callback",
        "http://127.0.0.1:65535/callback",
        "http://[::1]:8123/callback",
    ],
)
def test_a_native_client_may_listen_on_any_port_of_the_loopback(provider: Provider, browser: Browser, uri: str) -> None:
    terminal = provider.client("terminal", uri)
    attempt = terminal.ask()
    landing = terminal.authorize(browser, attempt)
    assert landing.url.startswith(uri + "?code=")
    terminal.finish(attempt, landing)


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:8123/callback",
        "http://127.0.0.1:8123/callback2",
        "http://127.0.0.1:8123/",
        "http://127.0.0.1:8123/callback?x=1",
        "https://127.0.0.1:8123/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.2:8123/callback",
        "http://127.1:8123/callback",
        "http://2130706433:8123/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://[::ffff:127.0.0.1]:8123/callback",
        "http://[0:0:0:0:0:0:0:1]:8123/callback",
        "com.example.terminal:8123/callback",
    ],
)
def test_the_port_is_the_only_thing_that_is_free_for_a_native_client(
    provider: Provider, browser: Browser, uri: str
) -> None:
    assert_shown(browser.open(provider.client("terminal", uri).ask().url), uri)


def test_a_code_is_bound_to_the_port_that_its_request_named(provider: Provider, browser: Browser) -> None:
    terminal = provider.client("terminal", "http://127.0.0.1:50001/callback")
    attempt = terminal.ask()
    code = terminal.authorize(browser, attempt).code
    refused = terminal.redeem(attempt, code, redirect_uri="http://127.0.0.1:50002/callback")
    assert refused.get_json()["error"] == "invalid_grant"


def test_a_private_use_scheme_of_a_native_client_is_answered(provider: Provider, browser: Browser) -> None:
    terminal = provider.client("terminal", "com.example.terminal:/callback")
    attempt = terminal.ask()
    landing = terminal.authorize(browser, attempt)
    assert landing.url.startswith("com.example.terminal:/callback?code=")
    terminal.finish(attempt, landing)


def test_the_forms_of_a_page_may_end_where_the_client_that_asks_leads_on_to(
    browser: Browser, portal: RelyingParty
) -> None:
    page = browser.open(portal.ask().url)
    assert page.headers["Content-Security-Policy"].endswith("form-action 'self' https:")
    page = browser.open(portal.ask(redirect_uri="https://evil.example/").url)
    assert page.headers["Content-Security-Policy"].endswith("form-action 'self'")


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("http://127.0.0.1:5555/callback", "http:"),
        ("com.example.terminal:/callback", "com.example.terminal:"),
        ("http://[::1]:5555/callback", "http:"),
    ],
)
def test_the_forms_of_a_page_may_end_at_a_native_client(
    provider: Provider, browser: Browser, uri: str, source: str
) -> None:
    page = browser.open(provider.client("terminal", uri).ask().url)
    assert page.headers["Content-Security-Policy"].endswith(f"form-action 'self' https: {source}")


def test_a_silent_request_of_a_browser_without_a_session_goes_to_the_registered_uri_with_an_error(
    browser: Browser, portal: RelyingParty
) -> None:
    landing = browser.open(portal.ask(prompt="none").url)
    assert urlsplit(landing.url).netloc == "portal.example.com"
    assert landing.error == "login_required"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost:9999"])
def test_every_url_comes_from_the_issuer_and_never_from_the_host_header(
    provider: Provider, portal: RelyingParty, host: str
) -> None:
    path = portal.ask().url.removeprefix(provider.issuer)
    headers = {"Host": host, "X-Forwarded-Host": host, "X-Forwarded-Proto": "gopher", "Forwarded": f"host={host}"}
    response = provider.machine.get(path, base_url="http://localhost:8080", headers=headers)
    assert response.headers["Location"].startswith(f"{provider.issuer}/sign-in?request=")
    page = provider.machine.get("/", base_url="http://localhost:8080", headers=headers)
    assert host not in page.text
    metadata = provider.machine.get("/.well-known/openid-configuration", headers=headers)
    assert host not in metadata.text


def test_http_on_a_private_network_is_reached_from_the_pages_and_nothing_beside_it(
    provider: Provider, browser: Browser
) -> None:
    wiki = "https://portal.example.com/callback"
    switched = f"    http_on_private_network: true\n    redirect_uris: [http://wiki.lan/callback, {wiki}, "
    declared = CLIENTS_YAML.replace(f"    redirect_uris: [{wiki}, ", switched, 1)
    assert not provider.declare(declared.replace("wiki.lan", "wiki.example.com"))
    assert not provider.declare(declared.replace("    http_on_private_network: true\n", ""))
    assert provider.declare(declared)
    portal = replace(provider.client("portal"), redirect_uri="http://wiki.lan/callback")
    attempt = portal.ask()
    page = browser.sign_in(browser.open(attempt.url), "ada")
    assert "form-action 'self' https: http:" in page.headers["Content-Security-Policy"]
    landing = browser.allow(page)
    assert landing.url.startswith("http://wiki.lan/callback?")
    portal.finish(attempt, landing)
    for other in ("http://wiki.lan:80/callback", "http://wiki/callback", "http://x.wiki.lan/callback"):
        assert not browser.open(portal.ask(redirect_uri=other).url).is_outside
