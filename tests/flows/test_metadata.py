"""Everything that discovery advertises has a flow that works, and what it does not advertise is refused.

RFC 8414; OpenID Connect Discovery 1.0. A new member or value without a flow here fails the first test.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from authlib.oauth2 import rfc9207
from authlib.oidc import rpinitiated
from authlib.oidc.discovery import OpenIDProviderMetadata
from sqlalchemy import update

from authserver.store.tables import users
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, SECRETS
from tests.flows.relying_party import EVERYTHING, RelyingParty, basic

WELL_KNOWN = "/.well-known/openid-configuration"
# The client that authenticates by each method.
BY_METHOD = {"client_secret_basic": "portal", "client_secret_post": "intranet", "none": "dashboard"}
ALL_GRANTS = {
    "implicit",
    "password",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:openid:params:grant-type:ciba",
    "Authorization_Code",
    "authorization_code ",
}
ALL_RESPONSE_TYPES = {
    "token",
    "id_token",
    "id_token token",
    "code token",
    "code id_token",
    "code id_token token",
    "none",
}
ALL_RESPONSE_MODES = {"fragment", "web_message", "jwt", "query.jwt", "form_post.jwt", "fragment.jwt"}


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """The server, with limits that one person may sign in under once for each value."""
    return make_provider(signin_limit_account="1000 per minute", signin_limit_address="1000 per minute")


def metadata_of(provider: Provider) -> dict[str, Any]:
    document: dict[str, Any] = provider.call("GET", WELL_KNOWN).get_json()
    return document


def signed_in(provider: Provider, client_id: str, **changes: str) -> dict[str, Any]:
    return provider.client(client_id).sign_in(provider.browser(), **changes).body


def silent(provider: Provider, client: RelyingParty, **changes: str | None) -> dict[str, str]:
    """The answer to a request of a browser that has signed in and allowed everything."""
    browser = provider.browser()
    client.sign_in(browser, scope=EVERYTHING)
    return browser.open(client.ask(prompt="none", **changes).url).answer


def works_as_grant(provider: Provider, value: str) -> None:
    if value == "client_credentials":
        assert provider.client("nightly").post("/token", {"grant_type": value}).status_code == 200
        return
    portal = provider.client("portal")
    tokens = portal.sign_in(provider.browser(), scope=EVERYTHING)
    assert value == "authorization_code" or portal.refreshed(tokens).refresh_token


def works_as_alg(provider: Provider, value: str) -> None:
    client_id = {"RS256": "portal", "ES256": "kiosk"}[value]
    tokens = provider.client(client_id).sign_in(provider.browser())
    assert provider.verify(tokens.id_token, "JWT", audience=client_id)["sub"] == provider.people["ada"]


def works_as_claim(provider: Provider, value: str) -> None:
    everything = {name: f"x-{name}" for name in ("given_name", "family_name", "picture", "locale", "zoneinfo")}
    with provider.database.write() as connection:
        connection.execute(update(users).values(**everything))
    portal = provider.client("portal")
    tokens = portal.sign_in(provider.browser(), scope=EVERYTHING)
    claims = tokens.id_claims | provider.userinfo(tokens.access_token).get_json()
    assert claims[value] is not None


def works_as_prompt(provider: Provider, value: str) -> None:
    portal, browser = provider.client("portal"), provider.browser()
    portal.sign_in(browser)
    landing = browser.open(portal.ask(prompt=value).url)
    headings = {"login": "Confirm it’s you", "consent": "Allow Team portal?", "select_account": "Choose an account"}
    assert landing.is_outside if value == "none" else landing.heading == headings[value]


def works_as_method(path: str) -> Callable[[Provider, str], None]:
    def call(provider: Provider, value: str) -> None:
        client = provider.client(BY_METHOD[value])
        token = client.sign_in(provider.browser(), scope=EVERYTHING).refresh_token
        data = {"grant_type": "refresh_token", "refresh_token": token, "token": token}
        assert client.post(path, data).status_code == 200

    return call


def works_as_scope(provider: Provider, value: str) -> None:
    assert value in signed_in(provider, "portal", scope=EVERYTHING)["scope"].split()


def works_as_mode(provider: Provider, value: str) -> None:
    assert "code" in silent(provider, provider.client("portal"), response_mode=value)


def works_as_type(provider: Provider, value: str) -> None:
    assert "code" in silent(provider, provider.client("portal"), response_type=value)


def works_as_pkce(provider: Provider, value: str) -> None:
    assert signed_in(provider, "dashboard", code_challenge_method=value)["access_token"]


def works_as_subject(provider: Provider, value: str) -> None:
    subs = {provider.client(name).sign_in(provider.browser()).id_claims["sub"] for name in ("portal", "dashboard")}
    assert (value, len(subs)) == ("public", 1)


LISTS: dict[str, Callable[[Provider, str], None]] = {
    "scopes_supported": works_as_scope,
    "response_types_supported": works_as_type,
    "response_modes_supported": works_as_mode,
    "grant_types_supported": works_as_grant,
    "subject_types_supported": works_as_subject,
    "id_token_signing_alg_values_supported": works_as_alg,
    "token_endpoint_auth_methods_supported": works_as_method("/token"),
    "revocation_endpoint_auth_methods_supported": works_as_method("/revoke"),
    "introspection_endpoint_auth_methods_supported": works_as_method("/introspect"),
    "code_challenge_methods_supported": works_as_pkce,
    "claims_supported": works_as_claim,
    "prompt_values_supported": works_as_prompt,
}
ENDPOINTS = {
    "authorization_endpoint": "GET",
    "token_endpoint": "POST",
    "userinfo_endpoint": "GET",
    "jwks_uri": "GET",
    "revocation_endpoint": "POST",
    "introspection_endpoint": "POST",
    "end_session_endpoint": "GET",
}
FLAGS = {
    "authorization_response_iss_parameter_supported": True,
    "claims_parameter_supported": False,
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,
}


def test_every_member_is_known_here(provider: Provider) -> None:
    assert metadata_of(provider).keys() == {"issuer", *LISTS, *ENDPOINTS, *FLAGS}


def test_a_foreign_library_finds_the_document_valid(make_provider: MakeProvider) -> None:
    provider = make_provider(issuer="https://id.example.com")
    document = OpenIDProviderMetadata(metadata_of(provider))
    document.validate([rfc9207.AuthorizationServerMetadata, rpinitiated.OpenIDProviderMetadata])
    assert document["issuer"] == "https://id.example.com"


def test_both_well_known_places_say_the_same(provider: Provider) -> None:
    one, other = (
        provider.call("GET", f"/.well-known/{name}") for name in ("openid-configuration", "oauth-authorization-server")
    )
    assert one.data == other.data
    assert one.headers["ETag"] == other.headers["ETag"]


@pytest.mark.parametrize("member", ENDPOINTS)
def test_an_endpoint_lies_under_the_issuer_and_answers(provider: Provider, member: str) -> None:
    url = metadata_of(provider)[member]
    assert url.startswith(provider.issuer + "/")
    assert provider.call(ENDPOINTS[member], urlsplit(url).path).status_code not in {404, 405, 500}


@pytest.mark.parametrize("member", LISTS)
def test_each_value_that_is_advertised_works(provider: Provider, member: str) -> None:
    values = metadata_of(provider)[member]
    assert len(set(values)) == len(values) > 0
    for value in values:
        LISTS[member](provider, value)


@pytest.mark.parametrize("member", FLAGS)
def test_a_flag_is_what_a_client_may_rely_on(provider: Provider, member: str) -> None:
    assert metadata_of(provider)[member] is FLAGS[member]


def test_iss_is_in_success_and_in_error(provider: Provider) -> None:
    portal = provider.client("portal")
    assert silent(provider, portal)["iss"] == provider.issuer
    assert provider.browser().open(portal.ask(prompt="none").url).answer["iss"] == provider.issuer


def test_every_claim_that_is_issued_is_advertised(provider: Provider) -> None:
    tokens = provider.client("portal").sign_in(provider.browser(), scope=EVERYTHING)
    issued = tokens.id_claims.keys() | provider.userinfo(tokens.access_token).get_json().keys()
    assert issued <= set(metadata_of(provider)["claims_supported"])


@pytest.mark.parametrize("grant_type", sorted(ALL_GRANTS))
def test_a_grant_that_is_not_advertised_is_refused(provider: Provider, grant_type: str) -> None:
    assert grant_type not in metadata_of(provider)["grant_types_supported"]
    everything = {"username": "ada", "password": "x", "assertion": "x", "device_code": "x", "subject_token": "x"}
    response = provider.client("portal").post("/token", everything | {"grant_type": grant_type})
    assert response.status_code == 400
    assert response.get_json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("response_type", sorted(ALL_RESPONSE_TYPES))
def test_a_response_type_that_is_not_advertised_is_refused(provider: Provider, response_type: str) -> None:
    answer = silent(provider, provider.client("portal"), response_type=response_type)
    assert answer["error"] == "unsupported_response_type"
    assert not answer.keys() & {"code", "access_token", "id_token"}


@pytest.mark.parametrize("response_mode", sorted(ALL_RESPONSE_MODES))
def test_a_response_mode_that_is_not_advertised_is_refused(provider: Provider, response_mode: str) -> None:
    assert silent(provider, provider.client("portal"), response_mode=response_mode)["error"] == "invalid_request"


@pytest.mark.parametrize("method", ["plain", "s256", "S512"])
def test_a_challenge_method_that_is_not_advertised_is_refused(provider: Provider, method: str) -> None:
    answer = silent(provider, provider.client("portal"), code_challenge_method=method)
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://portal.example.com/request"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"claims": "{}"}, "invalid_request"),
    ],
)
def test_a_parameter_that_is_not_supported_is_answered_with_its_error(
    provider: Provider, changes: dict[str, str], error: str
) -> None:
    assert silent(provider, provider.client("portal"), **changes)["error"] == error


def test_making_an_account_is_a_prompt_only_where_people_may_sign_up(
    provider: Provider, make_provider: MakeProvider
) -> None:
    asked = provider.client("portal").ask(prompt="create")
    assert provider.browser().open(asked.url).error == "invalid_request"
    open_to_all = make_provider(signup="open")
    assert metadata_of(open_to_all)["prompt_values_supported"] == [
        *metadata_of(provider)["prompt_values_supported"],
        "create",
    ]
    landing = open_to_all.browser().open(open_to_all.client("portal").ask(prompt="create").url)
    assert landing.heading == "Create an account"


@pytest.mark.parametrize("scope", ["address", "phone", "admin:all", "read:reports"])
def test_a_scope_that_is_not_advertised_is_never_granted(provider: Provider, scope: str) -> None:
    assert signed_in(provider, "portal", scope=f"openid {scope}")["scope"] == "openid"


@pytest.mark.parametrize(
    ("type_", "assertion"),
    [
        ("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "e30.e30.e30"),
        ("urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "PHNhbWw-"),
    ],
)
@pytest.mark.parametrize("path", ["/token", "/revoke", "/introspect"])
def test_an_authentication_method_that_is_not_advertised_is_refused(
    provider: Provider, path: str, type_: str, assertion: str
) -> None:
    data = {"grant_type": "client_credentials", "token": "x", "client_id": "nightly"}
    data |= {"client_assertion_type": type_, "client_assertion": assertion}
    assert provider.post(path, data).status_code == 401


def test_a_public_client_may_not_introspect(provider: Provider) -> None:
    assert "none" not in metadata_of(provider)["introspection_endpoint_auth_methods_supported"]
    token = provider.client("dashboard").sign_in(provider.browser()).access_token
    assert provider.post("/introspect", {"token": token, "client_id": "dashboard"}).status_code == 401
    assert provider.post(
        "/introspect", {"token": token}, Authorization=basic("reports", SECRETS["reports"])
    ).get_json()["active"]


def test_a_token_is_for_one_resource(provider: Provider) -> None:
    tokens = provider.client("portal").sign_in(provider.browser(), resource=REPORTS)
    assert tokens.access_claims["aud"] == REPORTS
