"""Userinfo as a JWT for a client that wants it (Core §5.3.2), introspection as one for whoever asks (RFC 9701)."""

from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from authserver.keys.life import SETTLING
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import START, Provider
from tests.flows.registering import manage, party, registered
from tests.flows.registry import CLIENTS_YAML, REPORTS, SECRETS
from tests.flows.relying_party import EVERYTHING, basic

INTROSPECTION_JWT = "application/token-introspection+jwt"
REPORTS_API = basic("reports", SECRETS["reports"])


@pytest.fixture
def signing(provider: Provider) -> Provider:
    """The server, whose client portal wants userinfo signed with ES256."""
    provider.amend("    name: Team portal\n", "    name: Team portal\n    userinfo_signed_response_alg: ES256\n")
    return provider


def verified(provider: Provider, answer: TestResponse, media_type: str, typ: str, alg: str) -> dict[str, Any]:
    """The claims of a signed answer, by a foreign library and the published keys."""
    assert answer.status_code == 200, answer.text
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (media_type, "no-store")
    header = jwt.get_unverified_header(answer.text)
    assert (header["typ"], header["alg"]) == (typ, alg)
    keys = jwt.PyJWKSet.from_dict(provider.call("GET", "/jwks.json").get_json())
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    found: dict[str, Any] = jwt.decode(
        answer.text, keys[header["kid"]], algorithms=[alg], issuer=provider.issuer, options=options
    )
    return found


def introspect(provider: Provider, token: str, accept: str | None = INTROSPECTION_JWT, **more: str) -> TestResponse:
    headers = {"Authorization": REPORTS_API} | ({} if accept is None else {"Accept": accept}) | more
    return provider.call("POST", "/introspect", data={"token": token}, headers=headers)


def works_as_userinfo_alg(provider: Provider, value: str) -> None:
    client = party(provider, registered(provider, userinfo_signed_response_alg=value))
    provider.app.server.keys.wait(value, provider.clock.now)
    provider.clock.pass_(SETTLING)
    token = client.sign_in(provider.browser()).access_token
    answer = provider.call("GET", "/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert jwt.get_unverified_header(answer.text)["alg"] == value


def works_as_introspection_alg(provider: Provider, value: str) -> None:
    audience = f"    audience: {REPORTS}\n"
    assert provider.declare(CLIENTS_YAML.replace(audience, f"{audience}    signing_alg: {value}\n"))
    provider.app.server.keys.wait(value, provider.clock.now)
    provider.clock.pass_(SETTLING)
    headers = {"Authorization": basic("reports", SECRETS["reports"]), "Accept": INTROSPECTION_JWT}
    answer = provider.call("POST", "/introspect", data={"token": "x"}, headers=headers)
    assert jwt.get_unverified_header(answer.text)["alg"] == value


@on_both
def test_userinfo_signs_what_it_would_say_and_whose_it_is(signing: Provider, browser: Browser) -> None:
    token = signing.client("portal").sign_in(browser, scope=EVERYTHING).access_token
    for method in ("GET", "POST"):
        answer = signing.call(method, "/userinfo", headers={"Authorization": f"Bearer {token}", "Accept": "*/*"})
        claims = verified(signing, answer, "application/jwt", "JWT", "ES256")
        assert (claims.pop("iss"), claims.pop("aud")) == (signing.issuer, "portal")
        assert claims["sub"] == signing.people["ada"]
        assert claims["email"] == "ada@example.com"
        assert not claims.keys() & {"exp", "iat", "nonce", "client_id"}


def test_the_claims_are_those_that_json_has(provider: Provider, browser: Browser) -> None:
    token = provider.client("portal").sign_in(browser, scope=EVERYTHING).access_token
    plain = provider.userinfo(token).get_json()
    provider.amend("    name: Team portal\n", "    name: Team portal\n    userinfo_signed_response_alg: RS256\n")
    answer = provider.call("GET", "/userinfo", headers={"Authorization": f"Bearer {token}"})
    signed = verified(provider, answer, "application/jwt", "JWT", "RS256")
    assert signed == plain | {"iss": provider.issuer, "aud": "portal"}


def test_others_get_json_as_ever(signing: Provider, browser: Browser) -> None:
    token = signing.client("intranet").sign_in(browser).access_token
    answer = signing.userinfo(token)
    assert (answer.mimetype, answer.get_json()["sub"]) == ("application/json", signing.people["ada"])
    # What goes wrong is told to both in one way.
    refused = signing.userinfo("x")
    assert (refused.status_code, refused.mimetype) == (401, "application/json")


def test_signed_userinfo_is_no_token_of_any_kind(signing: Provider, browser: Browser) -> None:
    portal = signing.client("portal")
    token = portal.sign_in(browser).access_token
    signed = signing.call("GET", "/userinfo", headers={"Authorization": f"Bearer {token}"}).text
    assert signing.userinfo(signed).status_code == 401
    assert signing.introspect(signed) == {"active": False}
    # As a hint it names nobody.
    landing = browser.open(portal.ask(prompt="none", id_token_hint=signed).url)
    assert landing.answer["error"]


def test_a_new_algorithm_asks_to_wait_for_its_key(provider: Provider, browser: Browser) -> None:
    token = provider.client("portal").sign_in(browser).access_token
    provider.amend("    name: Team portal\n", "    name: Team portal\n    userinfo_signed_response_alg: EdDSA\n")
    waits = provider.userinfo(token)
    assert (waits.status_code, waits.headers["Retry-After"]) == (503, str(SETTLING))
    provider.clock.pass_(SETTLING)
    answer = provider.call("GET", "/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert verified(provider, answer, "application/jwt", "JWT", "EdDSA")["aud"] == "portal"


def test_who_registers_may_want_it_and_give_it_up(provider: Provider) -> None:
    of = registered(provider, userinfo_signed_response_alg="RS256")
    assert of["userinfo_signed_response_alg"] == "RS256"
    token = party(provider, of).sign_in(provider.browser()).access_token
    headers = {"Authorization": f"Bearer {token}"}
    answer = provider.call("GET", "/userinfo", headers=headers)
    assert verified(provider, answer, "application/jwt", "JWT", "RS256")["aud"] == of["client_id"]
    kept = {name: of[name] for name in ("redirect_uris", "token_endpoint_auth_method", "scope", "client_name")}
    assert manage(provider, of, "PUT", kept | {"client_id": of["client_id"]}).status_code == 200
    assert provider.call("GET", "/userinfo", headers=headers).mimetype == "application/json"


@on_both
def test_introspection_signs_what_it_would_say_for_the_api_that_asks(provider: Provider, browser: Browser) -> None:
    token = provider.client("portal").sign_in(browser).access_token
    plain = provider.introspect(token)
    claims = verified(provider, introspect(provider, token), INTROSPECTION_JWT, "token-introspection+jwt", "RS256")
    # RFC 9701 §5: nothing else, so that nobody takes it for an access token.
    assert claims == {"iss": provider.issuer, "aud": "reports", "iat": START, "token_introspection": plain}
    assert plain["active"] is True


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30."])
def test_what_is_dead_is_signed_as_that_and_nothing_more(provider: Provider, token: str) -> None:
    claims = verified(provider, introspect(provider, token), INTROSPECTION_JWT, "token-introspection+jwt", "RS256")
    assert claims["token_introspection"] == {"active": False}


def test_it_is_signed_as_the_api_s_entry_says(provider: Provider) -> None:
    provider.amend(f"    audience: {REPORTS}\n", f"    audience: {REPORTS}\n    signing_alg: ES256\n")
    claims = verified(provider, introspect(provider, "x"), INTROSPECTION_JWT, "token-introspection+jwt", "ES256")
    assert claims["aud"] == "reports"


def test_a_client_asks_about_its_own_tokens_in_its_own_algorithm(provider: Provider, browser: Browser) -> None:
    kiosk = provider.client("kiosk")
    token = kiosk.sign_in(browser).access_token
    credentials = basic("kiosk", SECRETS["kiosk"])
    answer = introspect(provider, token, Authorization=credentials)
    claims = verified(provider, answer, INTROSPECTION_JWT, "token-introspection+jwt", "ES256")
    assert (claims["aud"], claims["token_introspection"]["active"]) == ("kiosk", True)


def test_nobody_gets_one_without_authentication(provider: Provider) -> None:
    for credentials in ({"Authorization": basic("reports", "wrong")}, {"Authorization": "Bearer x"}):
        answer = introspect(provider, "x", **credentials)
        assert (answer.status_code, answer.mimetype) == (401, "application/json")
    data = {"token": "x", "client_id": "dashboard"}
    answer = provider.call("POST", "/introspect", data=data, headers={"Accept": INTROSPECTION_JWT})
    assert (answer.status_code, answer.mimetype) == (401, "application/json")


def test_under_fapi2_nothing_is_signed_with_rs256(provider: Provider) -> None:
    text = provider.clients_file.read_text()
    assert provider.declare("profile: fapi2\n" + text[: text.index("clients:")] + "clients: []\n")
    provider.app.server.keys.wait("ES256", provider.clock.now)
    provider.clock.pass_(SETTLING)
    claims = verified(provider, introspect(provider, "x"), INTROSPECTION_JWT, "token-introspection+jwt", "ES256")
    assert claims["token_introspection"] == {"active": False}
    metadata = provider.call("GET", "/.well-known/openid-configuration").get_json()
    for name in ("userinfo", "introspection"):
        assert "RS256" not in metadata[f"{name}_signing_alg_values_supported"]


@pytest.mark.parametrize(
    ("accept", "is_signed"),
    [
        (INTROSPECTION_JWT, True),
        (INTROSPECTION_JWT.upper(), True),
        (f"{INTROSPECTION_JWT}, application/json;q=0.5", True),
        (f"application/json;q=0.2, {INTROSPECTION_JWT};q=0.9", True),
        (f"application/json, {INTROSPECTION_JWT};q=0.1", False),
        (f"{INTROSPECTION_JWT};q=0", False),
        ("application/json", False),
        ("application/jwt", False),
        ("*/*", False),
        ("", False),
        (None, False),
    ],
)
def test_it_is_a_jwt_where_that_is_what_they_want(provider: Provider, accept: str | None, is_signed: bool) -> None:
    answer = introspect(provider, "x", accept)
    assert answer.status_code == 200
    assert answer.mimetype == (INTROSPECTION_JWT if is_signed else "application/json")


def test_a_signed_answer_is_no_token_of_any_kind(provider: Provider, browser: Browser) -> None:
    token = provider.client("portal").sign_in(browser).access_token
    signed = introspect(provider, token).text
    assert provider.introspect(signed) == {"active": False}
    assert provider.userinfo(signed).status_code == 401


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.sampled_from(
            [INTROSPECTION_JWT, "application/json", ";q=", ";q=1e9", ";q=nan", ",", "*/*", '"', "\xe9", ";"]
        ),
        max_size=8,
    )
)
def test_whatever_they_say_they_want_is_answered(provider: Provider, parts: list[str]) -> None:
    answer = introspect(provider, "x", "".join(parts))
    assert answer.status_code == 200
    assert answer.mimetype in {INTROSPECTION_JWT, "application/json"}
