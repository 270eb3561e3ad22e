"""What each yes and no in the metadata says, and a flow that tells whether it is so."""

from collections.abc import Callable

from tests.flows.assertions import request_object
from tests.flows.listening import deliver, leave, listening, register
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty


def silent(provider: Provider, client: RelyingParty, **changes: str | None) -> dict[str, str]:
    """The answer to a request of a browser that has signed in and allowed everything."""
    browser = provider.browser()
    client.sign_in(browser, scope=EVERYTHING)
    return browser.open(client.ask(prompt="none", **changes).url).answer


def with_iss(provider: Provider, client: RelyingParty) -> bool:
    error = provider.browser().open(client.ask(prompt="none").url).answer
    return silent(provider, client)["iss"] == error["iss"] == provider.issuer


def with_claims(provider: Provider, client: RelyingParty) -> bool:
    tokens = client.sign_in(provider.browser(), scope="openid", claims='{"userinfo": {"email": null}}')
    return "email" in provider.userinfo(tokens.access_token).get_json()


def only_pushed(provider: Provider, client: RelyingParty) -> bool:
    return "code" not in silent(provider, client)


def with_request_object(provider: Provider, client: RelyingParty) -> bool:
    vault = provider.client("vault")
    made = request_object(vault.ask(), provider.issuer, provider.clock.now)
    return provider.browser().open(vault.ask(request=made).url).heading == "Sign in"


def with_request_uri(provider: Provider, client: RelyingParty) -> bool:
    answer = provider.browser().open(client.ask(request_uri="https://portal.example.com/request.jwt").url).answer
    assert answer["error"] == "request_uri_not_supported"
    return False


def with_logout_token(claim: str) -> Callable[[Provider, RelyingParty], bool]:
    def call(provider: Provider, client: RelyingParty) -> bool:
        with listening() as listener:
            register(provider, client.client_id, listener.url)
            browser = provider.browser()
            leave(browser, client.sign_in(browser))
            deliver(provider)
            return claim in listener.claims(provider, client.client_id)

    return call


FLAGS: dict[str, tuple[bool, Callable[[Provider, RelyingParty], bool]]] = {
    "authorization_response_iss_parameter_supported": (True, with_iss),
    "claims_parameter_supported": (True, with_claims),
    "require_pushed_authorization_requests": (False, only_pushed),
    "request_parameter_supported": (True, with_request_object),
    "request_uri_parameter_supported": (False, with_request_uri),
    # oidcc-backchannel-logout-discovery-endpoint-verification
    "backchannel_logout_supported": (True, with_logout_token("events")),
    "backchannel_logout_session_supported": (True, with_logout_token("sid")),
}
