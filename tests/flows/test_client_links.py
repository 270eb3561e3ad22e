"""What a client says of itself on the pages that people decide on: links, and a warning where nobody looked at it.

OpenID Connect Registration §2 (`client_uri`, `policy_uri`, `tos_uri`, `logo_uri`); OWASP ASVS 10.4.7.
"""

import pytest

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.registering import APP, initial, party, refusal, registered, send

WARNING = "This application registered itself. Nobody here has checked its name or where its links lead."
LINKS = {
    "client_uri": "https://app.example.org/about",
    "policy_uri": "https://app.example.org/privacy?a=1&b=2",
    "tos_uri": "https://app.example.org/terms",
}
WORDS = {"client_uri": "Website", "policy_uri": "Privacy policy", "tos_uri": "Terms of service"}


def test_oidcc_registration_policy_uri_and_tos_uri_stand_on_both_pages(provider: Provider, browser: Browser) -> None:
    client = party(provider, registered(provider, logo_uri="https://app.example.org/logo.png", **LINKS))
    sign_in = browser.open(client.ask().url)
    consent = browser.sign_in(sign_in, "ada")
    assert (sign_in.heading, consent.heading) == ("Sign in", "Allow An app?")
    for landing in (sign_in, consent):
        assert WARNING in landing.page.words
        for name, uri in LINKS.items():
            assert landing.page.links[WORDS[name]] == uri
            assert landing.page.element("a", href=uri)["rel"] == "noopener noreferrer"
        # RFC 7591 §5: a logo could look like anybody's, and fetching it would tell its owner who signs in where.
        assert "logo.png" not in landing.text


def test_one_of_clients_yaml_has_links_and_no_warning(provider: Provider, browser: Browser) -> None:
    provider.amend("  - client_id: portal\n", f"  - client_id: portal\n    policy_uri: {LINKS['policy_uri']}\n")
    sign_in = browser.open(provider.client("portal").ask().url)
    for landing in (sign_in, browser.sign_in(sign_in, "ada")):
        assert "Privacy policy" in landing.page.words
        assert "Terms of service" not in landing.page.words
        assert WARNING not in landing.page.words


def test_without_links_nothing_is_said(provider: Provider, browser: Browser) -> None:
    landing = browser.open(provider.client("portal").ask().url)
    assert not {*WORDS.values()} & landing.page.links.keys()


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize(
    "uri",
    [
        *("javascript:alert(1)", "http://app.example.org/", "data:text/html,x", "//app.example.org", "app.example.org"),
        *(
            "https://user:password@app.example.org/",
            "https://app.example.org/\u202etxt",
            'https://app.example.org/"><b>',
        ),
        *("https://app.example.org/#here", "https://", "", 5, ["https://app.example.org/"]),
    ],
)
def test_what_is_no_plain_https_address_is_not_registered(provider: Provider, name: str, uri: object) -> None:
    assert refusal(send(provider, APP | {name: uri}, initial(provider)))[0] == "invalid_client_metadata"


@pytest.mark.parametrize(
    "uri",
    ["https://app.example.org/?a='b'", "https://app.example.org/%22%3E%3Cscript%3E", "https://app.example.org/&quot;"],
)
def test_markup_in_an_address_stays_an_address(provider: Provider, browser: Browser, uri: str) -> None:
    answer = send(provider, APP | {"policy_uri": uri, "client_name": '<b>A</b> &amp; "B"'}, initial(provider))
    if answer.status_code != 201:
        assert refusal(answer)[0] == "invalid_client_metadata"
        return
    landing = browser.open(party(provider, answer.get_json()).ask().url)
    assert "<b>A" not in landing.text
    assert "<script>" not in landing.text.partition("<main")[2]
