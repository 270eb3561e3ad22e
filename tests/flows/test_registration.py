"""Clients register themselves, see, replace and remove what they registered (RFC 7591, RFC 7592; the dynamic plan)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from authserver.store.registration.tables import registered_clients, registration_tokens
from tests.flows.assertions import key, public
from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.registering import APP, CALLBACK, DAY, initial, party, refusal, registered, send
from tests.flows.registry import REPORTS

PUBLIC = "https://id.example.com"


@on_both
def test_a_client_registers_and_signs_people_in_who_are_asked_first(provider: Provider, browser: Browser) -> None:
    of = registered(provider, grant_types=["authorization_code", "refresh_token"])
    assert of["client_id"].startswith("dcr.")
    assert (of["client_name"], of["redirect_uris"], of["response_types"]) == ("An app", [CALLBACK], ["code"])
    assert of["client_secret_expires_at"] == 0
    assert of["registration_client_uri"] == f"{provider.issuer}/register/{of['client_id']}"
    client = party(provider, of)
    landing = browser.open(client.ask(scope="openid email").url)
    landing = browser.sign_in(landing, "ada")
    assert landing.heading == "Allow An app?"
    tokens_ = client.sign_in(browser, scope="openid email offline_access")
    assert tokens_.id_claims["aud"] == of["client_id"]
    assert client.refreshed(tokens_).id_token
    (event,) = provider.events("client:registration:created")
    assert (event["client_id"], event["called"]) == (of["client_id"], "An app")
    for secret in (of["client_secret"], of["registration_access_token"]):
        assert secret not in provider.dump()


@pytest.mark.parametrize(
    ("metadata", "method"),
    [
        ({"token_endpoint_auth_method": "client_secret_post"}, "client_secret_post"),
        ({"token_endpoint_auth_method": "none"}, "none"),
        ({"application_type": "native", "redirect_uris": ["http://127.0.0.1/callback"]}, "none"),
    ],
)
def test_each_way_to_authenticate_can_be_registered(
    provider: Provider, browser: Browser, metadata: dict[str, Any], method: str
) -> None:
    of = registered(provider, **metadata)
    assert of["token_endpoint_auth_method"] == method
    assert ("client_secret" in of) == (method != "none")
    assert party(provider, of).sign_in(browser).id_claims["aud"] == of["client_id"]


def test_oidcc_idtoken_rs256_and_another_algorithm_are_what_was_registered(
    provider: Provider, browser: Browser
) -> None:
    for alg in ("RS256", "ES256"):
        of = registered(provider, id_token_signed_response_alg=alg)
        provider.clock.pass_(600)
        assert party(provider, of).sign_in(browser).id_claims["aud"] == of["client_id"]


def test_it_gets_the_permissions_of_apis_that_it_asked_for_and_nothing_unasked(
    provider: Provider, browser: Browser
) -> None:
    scope = "openid read:reports"
    of = registered(provider, scope=scope)
    assert of["scope"] == scope
    tokens_ = party(provider, of).sign_in(browser, scope=scope, resource=REPORTS)
    assert tokens_.access_claims["permissions"] == ["read:reports"]
    more = party(provider, of).sign_in(provider.browser(), scope=f"{scope} write:reports", resource=REPORTS)
    assert more.access_claims["permissions"] == ["read:reports"]
    silent = party(provider, of).sign_in(provider.browser(), scope="openid", resource=REPORTS)
    assert not silent.access_claims.get("permissions")
    plain = party(provider, registered(provider))
    assert "error" in plain.authorize(browser, plain.ask(resource=REPORTS)).answer


@pytest.mark.parametrize("scope", ["read:reports", "openid nobody:knows", "openid read:users", "openid delete:users"])
def test_a_scope_that_the_initial_token_does_not_allow_is_refused(provider: Provider, scope: str) -> None:
    token = initial(provider, "openid", "write:reports")
    assert refusal(send(provider, APP | {"scope": scope}, token))[0] == "invalid_client_metadata"
    # A refusal spends nothing.
    assert send(provider, APP | {"scope": "openid write:reports"}, token).status_code == 201


def test_this_server_s_own_api_is_open_to_nobody_who_registered(provider: Provider) -> None:
    token = initial(provider, "openid", "read:events", "read:clients")
    assert refusal(send(provider, APP | {"scope": "openid read:events"}, token))[0] == "invalid_client_metadata"


@pytest.mark.parametrize("which", [None, "unknown", "x" * 5000, "é", "spent", "over"])
def test_without_an_initial_token_that_holds_nobody_registers(provider: Provider, which: str | None) -> None:
    token = initial(provider) if which in {"spent", "over"} else which
    if which == "spent":
        registered(provider, token)
    if which == "over":
        provider.clock.pass_(DAY)
    answer = send(provider, APP, token.encode().decode("latin-1") if token else None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    # Nothing of the metadata is looked at before.
    assert send(provider, b"{", None).status_code == 401


@on_both
def test_of_many_at_once_as_many_register_as_the_token_allows(provider: Provider) -> None:
    token = initial(provider, uses=3)
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: send(provider, APP, token).status_code, range(8)))
    assert sorted(answers) == [201] * 3 + [401] * 5
    with provider.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(registered_clients)) == 3
        assert connection.scalar(select(registration_tokens.c.uses_left)) == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": CALLBACK}, "invalid_redirect_uri"),
        ({"redirect_uris": [1]}, "invalid_redirect_uri"),
        ({"redirect_uris": [CALLBACK, CALLBACK]}, "invalid_redirect_uri"),
        # oidcc-redirect-uri-regfrag
        ({"redirect_uris": [f"{CALLBACK}#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://app.example.org/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://a@app.example.org/"]}, "invalid_redirect_uri"),
        ({"application_type": "native", "redirect_uris": ["app:/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"{CALLBACK}/{n}" for n in range(51)]}, "invalid_client_metadata"),
        ({"application_type": "desktop"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": 7}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": ["none"]}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"grant_types": "authorization_code"}, "invalid_client_metadata"),
        ({"grant_types": [{}]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"response_types": []}, "invalid_client_metadata"),
        ({"scope": 5}, "invalid_client_metadata"),
        ({"scope": ["openid"]}, "invalid_client_metadata"),
        ({"client_name": "a\u202eb"}, "invalid_client_metadata"),
        ({"client_name": {"de": "x"}}, "invalid_client_metadata"),
        ({"client_uri": "data:text/html,x"}, "invalid_client_metadata"),
        ({"logo_uri": "http://app.example.org/logo.png"}, "invalid_client_metadata"),
        ({"policy_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
        ({"tos_uri": ["https://x.example"]}, "invalid_client_metadata"),
        ({"contacts": "me"}, "invalid_client_metadata"),
        ({"jwks": {"keys": []}}, "invalid_client_metadata"),
        ({"jwks": []}, "invalid_client_metadata"),
        pytest.param({"jwks": public(key(), kid=7)}, "invalid_client_metadata", id="a kid that is a number"),
        ({"jwks_uri": "file:///etc/passwd"}, "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
        ({"userinfo_signed_response_alg": "none"}, "invalid_client_metadata"),
        ({"userinfo_signed_response_alg": "HS256"}, "invalid_client_metadata"),
        ({"grant_types": False}, "invalid_client_metadata"),
        ({"grant_types": 5}, "invalid_client_metadata"),
        ({"subject_type": "secret"}, "invalid_client_metadata"),
        ({"backchannel_logout_uri": "http://10.0.0.1/x"}, "invalid_client_metadata"),
        # oidcc-3rd_party-init-login-nohttps
        ({"initiate_login_uri": "http://app.example.org/login"}, "invalid_client_metadata"),
        ({"software_statement": "x.y.z"}, "unapproved_software_statement"),
        ({"client_name": "a\u0000b"}, "invalid_client_metadata"),
    ],
    ids=str,
)
def test_what_makes_no_client_is_refused_in_words_and_spends_nothing(
    make_provider: MakeProvider, changes: dict[str, Any], error: str
) -> None:
    provider = make_provider(issuer=PUBLIC)
    token = initial(provider)
    found, words = refusal(send(provider, APP | changes, token))
    assert found == error
    assert words
    assert send(provider, APP, token).status_code == 201


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"1", b'"x"', b"{", b"\xff", b"[" * 5000, b'{"a":"\\ud800"}'])
def test_a_body_that_is_no_object_is_refused(provider: Provider, body: bytes) -> None:
    assert refusal(send(provider, body, initial(provider)))[0] in {"invalid_client_metadata", "invalid_redirect_uri"}


def test_a_form_is_no_registration(provider: Provider) -> None:
    answer = send(
        provider, b"redirect_uris=x", initial(provider), **{"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert refusal(answer)[0] == "invalid_client_metadata"


@pytest.mark.parametrize("name", ["jwks_uri", "backchannel_logout_uri", "client_uri", "initiate_login_uri"])
@pytest.mark.parametrize("uri", ["http://localhost:9/x", "http://127.0.0.1/x", "http://[::1]/x"])
def test_a_stranger_leads_this_server_to_no_address_of_its_own_machine(
    make_provider: MakeProvider, name: str, uri: str
) -> None:
    provider = make_provider(issuer=PUBLIC)
    changes = {name: uri} | ({"token_endpoint_auth_method": "private_key_jwt"} if name == "jwks_uri" else {})
    assert refusal(send(provider, APP | changes, initial(provider)))[0] == "invalid_client_metadata"


@pytest.mark.parametrize("uri", ["https://127.0.0.1:1/uris", "https://[fd00::1]/uris", "https://169.254.169.254/uris"])
def test_oidcc_registration_sector_bad_is_refused_and_fetched_from_no_private_address(
    provider: Provider, uri: str
) -> None:
    changes = {"subject_type": "pairwise", "sector_identifier_uri": uri}
    error, words = refusal(send(provider, APP | changes, initial(provider)))
    assert (error, words.partition(":")[0]) == ("invalid_client_metadata", "sector_identifier_uri")


def test_a_pairwise_client_can_register(provider: Provider, browser: Browser) -> None:
    tokens_ = party(provider, registered(provider, subject_type="pairwise")).sign_in(browser)
    assert tokens_.id_claims["sub"] != provider.people["ada"]
