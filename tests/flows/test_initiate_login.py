"""Where a sign-in at a client begins, so that people can go there from here (OpenID Connect Core §4)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

OLD = "    post_logout_redirect_uris: [https://portal.example.com/,"


@pytest.mark.parametrize(
    ("uri", "separator"),
    [
        ("https://portal.example.com/login", "?"),
        ("https://portal.example.com/login?from=here", "&"),
        ("https://portal.example.com/login?", ""),
    ],
)
def test_an_application_with_access_can_be_opened_where_its_sign_in_begins(
    provider: Provider, browser: Browser, portal: RelyingParty, uri: str, separator: str
) -> None:
    provider.amend(OLD, f'    initiate_login_uri: "{uri}"\n{OLD}')
    portal.sign_in(browser)
    page = browser.open("/account/applications").page
    assert page.links["Open Team portal"] == f"{uri}{separator}iss=http%3A%2F%2Flocalhost%3A8080"


def test_one_that_says_nothing_of_it_has_no_link(browser: Browser, portal: RelyingParty) -> None:
    portal.sign_in(browser)
    page = browser.open("/account/applications").page
    assert "Team portal" in page.words
    assert "Open Team portal" not in page.links


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("initiate_login_uri: http://portal.example.com/login", "must begin with https://"),
        ("initiate_login_uri: javascript:alert(1)", "this scheme would run or read something in the browser"),
        ("initiate_login_uri: https://portal.example.com/login?iss=x", "its query must not contain iss"),
        ("backchannel_logout_uri: http://portal.example.com/bye", "must begin with https://"),
        ("backchannel_logout_uri: http://portal.lan/bye", "http_on_private_network: true"),
        ("backchannel_logout_uri: https://portal.example.com/bye#x", "must not contain a fragment"),
        ("backchannel_logout_uri: https://user@portal.example.com/bye", "must not contain a username"),
        ("backchannel_logout_session_required: perhaps", "is not understood"),
    ],
)
def test_oidcc_3rd_party_init_login_nohttps_and_other_addresses_are_refused_in_words(
    provider: Provider, line: str, fault: str
) -> None:
    text = provider.clients_file.read_text()
    assert not provider.declare(text.replace(OLD, f"    {line}\n{OLD}"))
    registry = provider.app.server._registry
    (found,) = registry.faults  # type: ignore[attr-defined]
    assert fault in str(found)


@pytest.mark.parametrize("client_id", ["terminal", "nightly"])
def test_a_client_without_a_server_for_people_has_no_address_for_logout_tokens(
    provider: Provider, client_id: str
) -> None:
    text = provider.clients_file.read_text()
    line = f"  - client_id: {client_id}\n"
    assert not provider.declare(text.replace(line, f"{line}    backchannel_logout_uri: https://x.example.com/bye\n"))
