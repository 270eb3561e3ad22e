"""Client authentication: one method, the registered one, from header or body alone (RFC 6749 §2.3)."""

from base64 import b64encode
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.registry import EXPIRED_SECRET, SECRETS
from tests.flows.relying_party import RelyingParty, basic

GRANT = {"grant_type": "client_credentials"}
ENDPOINTS = ["/token", "/revoke", "/introspect", "/par", "/device_authorization"]


def as_basic(raw: bytes) -> str:
    return "Basic " + b64encode(raw).decode()


def assert_invalid_client(response: TestResponse, *, challenged: bool) -> None:
    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")
    assert ("WWW-Authenticate" in response.headers) is challenged
    if challenged:
        assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint_asks_a_confidential_client_to_authenticate(provider: Provider, endpoint: str) -> None:
    data = GRANT | {"token": "x"}
    assert_invalid_client(provider.post(endpoint, data), challenged=False)
    assert_invalid_client(provider.post(endpoint, data | {"client_id": "nightly"}), challenged=False)
    wrong = provider.post(endpoint, data, Authorization=basic("nightly", "wrong"))
    assert_invalid_client(wrong, challenged=True)
    wrong = provider.post(endpoint, data | {"client_id": "importer", "client_secret": "wrong"})
    assert_invalid_client(wrong, challenged=False)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_unknown_client_and_a_wrong_secret_look_alike(provider: Provider, endpoint: str) -> None:
    def answer(client_id: str) -> tuple[int, bytes, str]:
        response = provider.post(endpoint, GRANT | {"token": "x"}, Authorization=basic(client_id, "wrong"))
        return response.status_code, response.data, response.headers["WWW-Authenticate"]

    # Known, of another method, public, and never heard of.
    assert len({answer(client_id) for client_id in ("nightly", "importer", "dashboard", "nobody")}) == 1


def test_only_the_pinned_method_is_accepted(provider: Provider) -> None:
    header = basic("importer", SECRETS["importer"])
    assert_invalid_client(provider.post("/token", GRANT, Authorization=header), challenged=True)
    body = GRANT | {"client_id": "importer", "client_secret": SECRETS["importer"]}
    assert provider.post("/token", body).status_code == 200
    provider.amend("name: Nightly job", "name: Nightly job\n    token_endpoint_auth_method: client_secret_basic")
    body = GRANT | {"client_id": "nightly", "client_secret": SECRETS["nightly"]}
    assert_invalid_client(provider.post("/token", body), challenged=False)


@pytest.mark.parametrize(
    ("endpoint", "client_id"), [("/token", "nightly"), ("/revoke", "portal"), ("/introspect", "reports")]
)
def test_where_no_method_is_pinned_a_secret_goes_in_the_header_or_in_the_body(
    provider: Provider, endpoint: str, client_id: str
) -> None:
    data = GRANT | {"token": "x"}
    in_header = provider.post(endpoint, data, Authorization=basic(client_id, SECRETS[client_id]))
    in_body = provider.post(endpoint, data | {"client_id": client_id, "client_secret": SECRETS[client_id]})
    assert (in_header.status_code, in_body.status_code) == (200, 200)
    # A secret is still asked for, and the right one.
    assert_invalid_client(provider.post(endpoint, data | {"client_id": client_id}), challenged=False)
    wrong = data | {"client_id": client_id, "client_secret": "wrong"}
    assert_invalid_client(provider.post(endpoint, wrong), challenged=False)


def test_one_client_may_send_its_secret_now_in_the_header_and_now_in_the_body(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser)
    by_body = replace(portal, method="client_secret_post")
    assert portal.refreshed(by_body.refreshed(tokens)).access_claims["client_id"] == "portal"


@pytest.mark.parametrize("secret", ["", "x", "é", "x" * 43])
def test_a_public_client_that_sends_a_secret_is_refused_cleanly(provider: Provider, secret: str) -> None:
    data = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "dashboard"}
    response = provider.post("/token", data | {"client_secret": secret})
    # An empty parameter is an absent one (RFC 6749 §3.1).
    assert response.get_json()["error"] == ("invalid_client" if secret else "invalid_grant")
    response = provider.post("/token", data, Authorization=basic("dashboard", secret))
    assert_invalid_client(response, challenged=True)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_two_methods_at_once_are_refused_even_when_both_are_right(provider: Provider, endpoint: str) -> None:
    header = basic("nightly", SECRETS["nightly"])
    for body_id in ("nightly", "importer"):
        both = {"token": "x", "client_id": body_id, "client_secret": SECRETS[body_id]} | GRANT
        refused = provider.post(endpoint, both, Authorization=header)
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")


def test_a_client_id_in_the_body_must_agree_with_the_header(provider: Provider) -> None:
    header = basic("nightly", SECRETS["nightly"])
    refused = provider.post("/token", GRANT | {"client_id": "importer"}, Authorization=header)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")
    assert provider.post("/token", GRANT | {"client_id": "nightly"}, Authorization=header).status_code == 200


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    "query",
    [
        "client_id=importer&client_secret=" + SECRETS["importer"].replace(" ", "%20").replace("%", "%25"),
        "client_secret=x",
        "client_id=importer",
        "client_secret=x&client_secret=y",
        "client_secret=%ff",
        "client_secret=x%00",
        "client_assertion=x.y.z",
    ],
)
def test_credentials_in_the_query_are_refused(provider: Provider, endpoint: str, query: str) -> None:
    for data in (GRANT, GRANT | {"client_id": "importer", "client_secret": SECRETS["importer"], "token": "x"}):
        refused = provider.post(f"{endpoint}?{query}", data)
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic bmlnaHRseQ",
        as_basic(b"nightly"),
        as_basic(b":"),
        as_basic(b"nightly:"),
        as_basic(b":secret"),
        as_basic(b"\xff\xfe:\xff"),
        as_basic(b"nightly:%ff"),
        as_basic("nightly:é".encode()),
        as_basic(b"nightly:\x00"),
        as_basic(b"a" * 60_000 + b":x"),
        "Bearer x",
        "Negotiate x",
        "Basic bmlnaHRseTp4, Basic bmlnaHRseTp4",
        "Digest username=nightly",
        "basic " + b64encode(b"nightly:wrong").decode(),
    ],
)
def test_malformed_headers_are_refused_cleanly(provider: Provider, header: str) -> None:
    response = provider.post("/token", GRANT, Authorization=header)
    assert response.status_code == 401
    assert response.get_json()["error"] == "invalid_client"


def test_the_scheme_is_known_in_any_case_and_both_parts_are_form_encoded(provider: Provider) -> None:
    header = basic("nightly", SECRETS["nightly"]).replace("Basic", "bAsIc")
    assert "+" in SECRETS["nightly"]
    assert "%" in SECRETS["nightly"]
    assert provider.post("/token", GRANT, Authorization=header).status_code == 200
    raw = as_basic(f"nightly:{SECRETS['nightly']}".encode())
    assert provider.post("/token", GRANT, Authorization=raw).status_code == 401


@pytest.mark.parametrize(
    "secret",
    [
        SECRETS["nightly"].upper(),
        SECRETS["nightly"][:-1],
        SECRETS["nightly"] + "x",
        SECRETS["nightly"] + " ",
        " " + SECRETS["nightly"],
        SECRETS["importer"],
    ],
)
def test_a_nearly_right_secret_is_wrong(provider: Provider, secret: str) -> None:
    assert_invalid_client(provider.post("/token", GRANT, Authorization=basic("nightly", secret)), challenged=True)


def test_a_secret_followed_by_nul_is_wrong(provider: Provider) -> None:
    header = basic("nightly", SECRETS["nightly"] + "\0")
    assert provider.post("/token", GRANT, Authorization=header).status_code == 401
    body = GRANT | {"client_id": "importer", "client_secret": SECRETS["importer"] + "\0"}
    assert provider.post("/token", body).get_json()["error"] == "invalid_request"


@pytest.mark.parametrize("client_id", ["Nightly", "nightly ", " nightly", "nightly\0", "NIGHTLY"])
def test_a_nearly_right_client_id_is_another(provider: Provider, client_id: str) -> None:
    assert provider.post("/token", GRANT, Authorization=basic(client_id, SECRETS["nightly"])).status_code == 401


def test_a_secret_ends_when_the_file_says_so(provider: Provider) -> None:
    expired = provider.post("/introspect", {"token": "x"}, Authorization=basic("portal", EXPIRED_SECRET))
    assert_invalid_client(expired, challenged=True)
    provider.clock.now = 1_798_761_599  # the last second of 2026
    accepted = provider.post("/introspect", {"token": "x"}, Authorization=basic("portal", EXPIRED_SECRET))
    assert accepted.get_json() == {"active": False}


@pytest.mark.parametrize(
    "assertion",
    [
        {"client_assertion": "x", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
        {"client_assertion": "x"},
        {"client_assertion_type": "x"},
    ],
)
def test_a_client_assertion_that_is_none_is_refused_cleanly(provider: Provider, assertion: dict[str, str]) -> None:
    for more in ({}, {"client_id": "importer"}, {"client_id": "vault"}):
        assert_invalid_client(provider.post("/token", GRANT | assertion | more), challenged=False)
    with_secret = {"client_id": "importer", "client_secret": SECRETS["importer"]}
    assert provider.post("/token", GRANT | assertion | with_secret).get_json()["error"] == "invalid_request"


def test_a_resource_server_may_introspect_and_nothing_else(provider: Provider) -> None:
    header = basic("reports", SECRETS["reports"])
    for grant in (GRANT, {"grant_type": "refresh_token", "refresh_token": "x"}):
        refused = provider.post("/token", grant, Authorization=header)
        assert (refused.status_code, refused.get_json()["error"]) == (400, "unauthorized_client")
    page = provider.browser().open(f"/authorize?client_id=reports&response_type=code&redirect_uri={provider.issuer}/")
    assert (page.status, page.is_outside) == (400, False)


def test_a_failure_is_told_to_the_audit_without_the_secret(provider: Provider) -> None:
    provider.post("/token", GRANT, Authorization=basic("nightly", "hunter2-hunter2"))
    (event,) = provider.events("client:authentication:failed")
    assert (event["client_id"], event["reason"]) == ("nightly", "wrong or expired secret")
    assert "hunter2" not in provider.dump()


def test_each_method_is_one_of_authlibs_registry(provider: Provider) -> None:
    body = GRANT | {"client_id": "nightly", "client_secret": SECRETS["nightly"]}
    header = basic("nightly", SECRETS["nightly"])
    assert provider.post("/token", body).status_code == 200
    provider.app.server.register_client_auth_method("client_secret_post", lambda _query_client, _request: None)
    assert_invalid_client(provider.post("/token", body), challenged=False)
    assert provider.post("/token", GRANT, Authorization=header).status_code == 200
