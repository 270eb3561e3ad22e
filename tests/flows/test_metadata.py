"""Everything that discovery advertises has a flow that works.

RFC 8414; OpenID Connect Discovery 1.0. A new member or value without a flow here fails the first test.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from authlib.oauth2 import rfc9207
from authlib.oidc import rpinitiated
from authlib.oidc.discovery import OpenIDProviderMetadata
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from sqlalchemy import update

from authserver.keys.life import SETTLING
from authserver.protocol.person.claims import PROFILE
from authserver.store.tables import sessions, users
from tests.flows.assertions import JWT_BEARER, assertion, request_object, with_key
from tests.flows.conftest import MakeProvider
from tests.flows.device import DEVICE_CODE, waiting
from tests.flows.dpop import PrivateKey, ProofKey
from tests.flows.flags import FLAGS, silent
from tests.flows.provider import Provider
from tests.flows.registering import party, registered
from tests.flows.registry import REPORTS
from tests.flows.relying_party import ALL_SCOPES, EVERYTHING
from tests.flows.test_signed_answers import works_as_introspection_alg, works_as_userinfo_alg
from tests.flows.test_token_exchange import EXCHANGE, RULES, exchange, token
from tests.flows.workloads import JWT_BEARER as BY_WORKLOAD
from tests.flows.workloads import works

WELL_KNOWN = "/.well-known/openid-configuration"
# The client that authenticates by each method.
BY_METHOD = {
    "client_secret_basic": "portal",
    "client_secret_post": "intranet",
    "none": "dashboard",
    "private_key_jwt": "vault",
}


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """The server, with limits that one person may sign in under once for each value."""
    return make_provider(signin_limit_account="1000 per minute", signin_limit_address="1000 per minute")


def metadata_of(provider: Provider) -> dict[str, Any]:
    document: dict[str, Any] = provider.call("GET", WELL_KNOWN).get_json()
    return document


def signed_in(provider: Provider, client_id: str, **changes: str) -> dict[str, Any]:
    return provider.client(client_id).sign_in(provider.browser(), **changes).body


def works_as_grant(provider: Provider, value: str) -> None:
    if value == "client_credentials":
        assert provider.client("nightly").post("/token", {"grant_type": value}).status_code == 200
        return
    if value == EXCHANGE:
        provider.amend("    audience: https://reports.example.com\n", f"    audience: {REPORTS}\n{RULES}")
        assert exchange(provider, token(provider)).status_code == 200
        return
    if value == BY_WORKLOAD:
        works(provider)
        return
    if value == DEVICE_CODE:
        device = waiting(provider)
        device.allowed(provider.browser())
        assert device.tokens().access_token
        return
    portal = provider.client("portal")
    tokens = portal.sign_in(provider.browser(), scope=EVERYTHING)
    assert value == "authorization_code" or portal.refreshed(tokens).refresh_token


def works_as_alg(provider: Provider, value: str) -> None:
    # Whoever registers may choose any; an administrator, too, in `test_signing_algs`.
    tokens = party(provider, registered(provider, id_token_signed_response_alg=value))
    provider.app.server.keys.wait(value, provider.clock.now)
    provider.clock.pass_(SETTLING)
    id_token = tokens.sign_in(provider.browser()).id_token
    assert jwt.get_unverified_header(id_token)["alg"] == value
    assert provider.verify(id_token, "JWT")["sub"] == provider.people["ada"]


def works_as_claim(provider: Provider, value: str) -> None:
    everything = {
        name: json.dumps({"country": "x"}) if claim.type == "object" else f"x-{name}"[:16]
        for name, claim in PROFILE.items()
        if claim.type != "boolean"
    }
    with provider.database.write() as connection:
        connection.execute(update(users).values(**everything))
    intranet, browser = provider.client("intranet"), provider.browser()
    intranet.sign_in(browser, scope=ALL_SCOPES)
    with provider.database.write() as connection:
        # As a provider upstream vouched for it.
        connection.execute(update(sessions).values(acr="x-acr"))
    attempt = intranet.ask(scope=ALL_SCOPES)
    tokens = intranet.finish(attempt, browser.open(attempt.url))
    claims = tokens.id_claims | provider.userinfo(tokens.access_token).get_json()
    assert claims.get(value) is not None, f"give {value} a value above, as whatever it comes from would"


def works_as_level(provider: Provider, value: str) -> None:
    tokens = provider.client("portal").sign_in(provider.browser(), acr_values=value)
    assert tokens.id_claims["acr"] == value


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


def works_as_assertion_alg(path: str) -> Callable[[Provider, str], None]:
    def call(provider: Provider, value: str) -> None:
        with_key(provider, value)
        made = assertion("vault", provider.issuer, provider.clock.now, alg=value)
        data = {"grant_type": "client_credentials", "token": "x"}
        answer = provider.post(path, data | {"client_assertion_type": JWT_BEARER, "client_assertion": made})
        assert answer.status_code == 200, answer.text

    return call


def works_as_request_alg(provider: Provider, value: str) -> None:
    with_key(provider, value)
    vault = provider.client("vault")
    made = request_object(vault.ask(), provider.issuer, provider.clock.now, alg=value)
    landing = provider.browser().open(vault.ask(request=made).url)
    assert landing.heading == "Sign in"


def works_as_proof_alg(provider: Provider, value: str) -> None:
    private: PrivateKey = ec.generate_private_key(ec.SECP256R1())
    if value in {"RS256", "PS256"}:
        private = rsa.generate_private_key(65537, 2048)
    elif value in {"EdDSA", "Ed25519"}:
        private = ed25519.Ed25519PrivateKey.generate()
    proof_key = ProofKey(provider.clock, private, "EdDSA" if value == "Ed25519" else value)
    proof = proof_key.signed(proof_key.claims("POST", f"{provider.issuer}/token"), alg=value)
    answer = provider.client("nightly").post("/token", {"grant_type": "client_credentials"}, DPoP=proof)
    assert answer.get_json()["token_type"] == "DPoP"


def works_as_scope(provider: Provider, value: str) -> None:
    assert value in signed_in(provider, "intranet", scope=ALL_SCOPES)["scope"].split()


def works_as_mode(provider: Provider, value: str) -> None:
    assert "code" in silent(provider, provider.client("portal"), response_mode=value)


def works_as_type(provider: Provider, value: str) -> None:
    assert "code" in silent(provider, provider.client("portal"), response_type=value)


def works_as_pkce(provider: Provider, value: str) -> None:
    assert signed_in(provider, "dashboard", code_challenge_method=value)["access_token"]


def works_as_subject(provider: Provider, value: str) -> None:
    for name in ("notes", "dashboard"):
        provider.amend(f"  - client_id: {name}\n", f"  - client_id: {name}\n    subject_type: {value}\n")
    subs = {provider.client(name).sign_in(provider.browser()).id_claims["sub"] for name in ("notes", "dashboard")}
    assert len(subs) == {"public": 1, "pairwise": 2}[value]
    provider.amend(f"    subject_type: {value}\n", "")


def works_as_language(provider: Provider, value: str) -> None:
    landing = provider.browser().open(provider.client("portal").ask(ui_locales=value).url)
    assert landing.heading == {"en": "Sign in", "de": "Anmelden"}[value]


LISTS: dict[str, Callable[[Provider, str], None]] = {
    "scopes_supported": works_as_scope,
    "response_types_supported": works_as_type,
    "response_modes_supported": works_as_mode,
    "grant_types_supported": works_as_grant,
    "subject_types_supported": works_as_subject,
    "id_token_signing_alg_values_supported": works_as_alg,
    "userinfo_signing_alg_values_supported": works_as_userinfo_alg,
    "introspection_signing_alg_values_supported": works_as_introspection_alg,
    "token_endpoint_auth_methods_supported": works_as_method("/token"),
    "revocation_endpoint_auth_methods_supported": works_as_method("/revoke"),
    "introspection_endpoint_auth_methods_supported": works_as_method("/introspect"),
    "token_endpoint_auth_signing_alg_values_supported": works_as_assertion_alg("/token"),
    "revocation_endpoint_auth_signing_alg_values_supported": works_as_assertion_alg("/revoke"),
    "introspection_endpoint_auth_signing_alg_values_supported": works_as_assertion_alg("/introspect"),
    "request_object_signing_alg_values_supported": works_as_request_alg,
    "dpop_signing_alg_values_supported": works_as_proof_alg,
    "code_challenge_methods_supported": works_as_pkce,
    "claims_supported": works_as_claim,
    "acr_values_supported": works_as_level,
    "prompt_values_supported": works_as_prompt,
    "ui_locales_supported": works_as_language,
}
ENDPOINTS = {
    "authorization_endpoint": "GET",
    "token_endpoint": "POST",
    "device_authorization_endpoint": "POST",
    "userinfo_endpoint": "GET",
    "jwks_uri": "GET",
    "revocation_endpoint": "POST",
    "pushed_authorization_request_endpoint": "POST",
    "introspection_endpoint": "POST",
    "end_session_endpoint": "GET",
    "registration_endpoint": "POST",
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
    says, tried = FLAGS[member]
    assert metadata_of(provider)[member] is says
    assert tried(provider, provider.client("portal")) is says


def test_where_every_request_must_be_pushed_the_metadata_say_so(make_provider: MakeProvider) -> None:
    provider = make_provider(require_pushed_authorization_requests=True)
    assert metadata_of(provider)["require_pushed_authorization_requests"] is True
    portal, browser = provider.client("portal"), provider.browser()
    assert "code" not in portal.authorize(browser, portal.ask()).answer
    assert "code" in portal.authorize(browser, portal.pushed(portal.ask())).answer


@pytest.mark.parametrize("registration", ["off", "token"])
def test_only_what_can_come_out_is_said_of_signatures(make_provider: MakeProvider, registration: str) -> None:
    provider = make_provider(registration=registration)
    said = metadata_of(provider)["id_token_signing_alg_values_supported"]
    # Kiosk has ES256, and Discovery §3 wants RS256; who registers chooses freely.
    assert said == (["ES256", "RS256"] if registration == "off" else ["ES256", "EdDSA", "PS256", "RS256"])


def test_every_claim_that_is_issued_is_advertised(provider: Provider) -> None:
    tokens = provider.client("portal").sign_in(provider.browser(), scope=EVERYTHING)
    issued = tokens.id_claims.keys() | provider.userinfo(tokens.access_token).get_json().keys()
    assert issued <= set(metadata_of(provider)["claims_supported"])


def test_a_token_is_for_one_resource(provider: Provider) -> None:
    tokens = provider.client("portal").sign_in(provider.browser(), resource=REPORTS)
    assert tokens.access_claims["aud"] == REPORTS
