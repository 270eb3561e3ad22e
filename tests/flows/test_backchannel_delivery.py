"""How a logout token travels: again after a fault, never elsewhere, and never into a network that is nobody's business.

OpenID Connect Back-Channel Logout 1.0 §2.5-2.8.
"""

from collections.abc import Iterator

import pytest

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.listening import Listener, deliver, jobs_of, leave, listening, register, sender_of, waiting
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty
from tests.patience import PATIENCE, eventually

HOUR = 3600


@pytest.fixture
def told(provider: Provider) -> Iterator[Listener]:
    """The listener of portal."""
    with listening() as listener:
        register(provider, "portal", listener.url)
        yield listener


def test_what_a_client_refuses_is_recorded_and_not_sent_again(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    told.status = 400
    leave(browser, portal.sign_in(browser))
    deliver(provider)
    assert waiting(provider) == []
    assert [event["client_id"] for event in provider.events("client:logout:refused")] == ["portal"]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 429, 500, 503])
def test_whatever_else_it_answers_it_is_told_again_with_a_new_token(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener, status: int
) -> None:
    with listening() as elsewhere:
        told.status, told.location = status, elsewhere.url
        leave(browser, portal.sign_in(browser))
        deliver(provider)
        assert waiting(provider) == ["portal"]
        told.status = 200
        provider.clock.pass_(15)
        deliver(provider)
        assert waiting(provider) == []
        # A redirect leads nowhere, and nobody else gets a token.
        assert elsewhere.paths == []
    first, second = told.tokens
    assert first != second
    assert provider.verify(second, "logout+jwt")["iat"] == provider.clock.now
    assert len(provider.events("client:logout:delivered")) == 1


def test_after_an_hour_it_is_given_up_with_the_reason(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    told.status = 503
    leave(browser, portal.sign_in(browser))
    for _ in range(HOUR // 15):
        deliver(provider)
        provider.clock.pass_(15)
    provider.clock.pass_(900)
    deliver(provider)
    assert waiting(provider) == []
    assert 6 <= len(told.tokens) <= 12
    (event,) = provider.events("client:logout:abandoned")
    assert (event["client_id"], event["reason"]) == ("portal", "it answered with status 503")


def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    told.body = b"x" * 100_000
    leave(browser, portal.sign_in(browser))
    deliver(provider)
    (job,) = jobs_of(provider)
    assert job.last_error == "more than 16384 bytes"


def test_one_slow_site_holds_up_nobody(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    with listening(slow=True) as slow:
        register(provider, "intranet", slow.url)
        for _ in range(4):
            each = provider.browser()
            provider.client("intranet").sign_in(each)
            leave(each, portal.sign_in(each))
        sender = sender_of(provider)
        sender.turn()
        eventually(lambda: len(told.tokens) == 4)
        assert len(slow.tokens) <= 2
        slow.may_answer.set()
        assert sender.settle(PATIENCE)
    assert waiting(provider) == []


def test_a_client_that_is_gone_from_clients_yaml_is_told_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    leave(browser, portal.sign_in(browser))
    provider.amend(f'    backchannel_logout_uri: "{told.url}"\n', "")
    deliver(provider)
    assert (told.tokens, waiting(provider)) == ([], [])
    assert [event for event in provider.events() if event["name"].startswith("client:logout")] == []


PUBLIC = "https://id.example.com"


@pytest.mark.parametrize(
    "uri",
    [
        "https://127.0.0.1:1/logout",
        "https://[::1]:1/logout",
        "https://[::ffff:7f00:1]:1/logout",
        "https://[64:ff9b::7f00:1]:1/logout",
        "https://[fd00::1]:1/logout",
        "https://169.254.169.254/latest",
        "https://10.0.0.1/logout",
        "https://localhost:1/logout",
    ],
)
def test_a_private_address_is_not_called_by_any_spelling(make_provider: MakeProvider, uri: str) -> None:
    provider = make_provider(issuer=PUBLIC)
    register(provider, "portal", uri)
    browser = provider.browser()
    leave(browser, provider.client("portal").sign_in(browser))
    deliver(provider)
    (job,) = jobs_of(provider)
    assert job.last_error == "an address that is not public"


def test_a_name_that_leads_to_a_private_address_is_not_called(
    make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as listener:
        address = (2, 1, 6, "", ("127.0.0.1", listener.port))
        monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_options: [address])
        provider = make_provider(issuer=PUBLIC)
        register(provider, "portal", f"https://portal.example.com:{listener.port}/logout")
        browser = provider.browser()
        leave(browser, provider.client("portal").sign_in(browser))
        deliver(provider)
        assert listener.paths == []
    (job,) = jobs_of(provider)
    assert job.last_error == "an address that is not public"


@pytest.mark.parametrize("by_client", [True, False], ids=["its entry", "the setting"])
def test_a_private_address_is_called_where_that_is_allowed(make_provider: MakeProvider, by_client: bool) -> None:
    provider = make_provider(issuer=PUBLIC, logout_to_private_network=not by_client)
    with listening() as listener:
        more = {"http_on_private_network": True} if by_client else {}
        register(provider, "portal", listener.url, **more)
        browser = provider.browser()
        leave(browser, provider.client("portal").sign_in(browser))
        deliver(provider)
        listener.claims(provider, "portal")
