"""`POST /token` itself: one place for parameters, one form of error, no other grants (RFC 6749 §3.2, §5.2)."""

import gzip
from urllib.parse import urlencode

import pytest

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.registry import SECRETS
from tests.flows.relying_party import RelyingParty, basic

FORM = "application/x-www-form-urlencoded"
NIGHTLY = {"Authorization": basic("nightly", SECRETS["nightly"])}


@pytest.mark.parametrize(
    "grant_type",
    [
        None,
        "",
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "Authorization_Code",
        "client_credentials ",
        "client_credentials\n",
        '"\\é',
    ],
)
def test_grants_that_are_not_offered_are_refused(provider: Provider, grant_type: str | None) -> None:
    data = {"username": "ada", "password": "Correct-horse-9", "assertion": "x"}
    refused = provider.post("/token", data | ({"grant_type": grant_type} if grant_type is not None else {}), **NIGHTLY)
    assert refused.status_code == 400
    assert refused.get_json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
def test_other_methods_than_post_are_refused_and_mint_nothing(provider: Provider, method: str) -> None:
    response = provider.call(method, "/token?grant_type=client_credentials", headers=NIGHTLY)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert b"access_token" not in response.data
    assert provider.events("token:access_token:issued") == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"grant_type": "client_credentials"}'),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nx\r\n'),
        ("text/plain", b"grant_type=client_credentials"),
        ("", b"grant_type=client_credentials"),
        ("application/x-www-form-urlencodedx", b"grant_type=client_credentials"),
    ],
)
def test_a_body_that_is_not_form_encoded_is_refused(provider: Provider, content_type: str, body: bytes) -> None:
    refused = provider.post("/token", body, **(NIGHTLY | {"Content-Type": content_type}))
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")


def test_a_charset_beside_the_content_type_is_accepted(provider: Provider) -> None:
    headers = NIGHTLY | {"Content-Type": f"{FORM.upper()}; charset=UTF-8"}
    assert provider.post("/token", b"grant_type=client_credentials", **headers).status_code == 200


@pytest.mark.parametrize("name", ["code", "code_verifier", "redirect_uri", "grant_type", "client_id", "x"])
def test_a_repeated_parameter_is_refused_and_burns_no_code(browser: Browser, portal: RelyingParty, name: str) -> None:
    attempt = portal.ask()
    code = portal.authorize(browser, attempt).code
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": portal.redirect_uri,
        "code_verifier": attempt.verifier,
        "client_id": "portal",
        "x": "y",
    }
    refused = portal.post("/token", data | {name: [data[name], data[name]]})
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")
    portal.tokens(portal.post("/token", data))


@pytest.mark.parametrize("name", ["code", "grant_type", "code_verifier", "redirect_uri"])
def test_a_parameter_in_the_query_is_not_read(browser: Browser, portal: RelyingParty, name: str) -> None:
    attempt = portal.ask()
    data = {
        "grant_type": "authorization_code",
        "code": portal.authorize(browser, attempt).code,
        "redirect_uri": portal.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    moved = {name: data[name]}
    rest = {other: value for other, value in data.items() if other != name}
    assert portal.post(f"/token?{urlencode(moved)}", rest).status_code == 400
    # Nor does it win over the body, as it would where the two are merged.
    portal.tokens(portal.post("/token?grant_type=password&redirect_uri=x&code_verifier=y", data))


@pytest.mark.parametrize(
    "data",
    [
        {"grant_type": "authorization_code", "code_verifier": "x" * 43},
        {"grant_type": "authorization_code", "code": "", "code_verifier": "x" * 43},
        {"grant_type": "authorization_code", "code": "x"},
        {"grant_type": "refresh_token"},
    ],
)
def test_a_missing_parameter_is_named(portal: RelyingParty, data: dict[str, str]) -> None:
    refused = portal.post("/token", data)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")
    assert "missing" in refused.get_json()["error_description"]


@pytest.mark.parametrize(
    "body",
    [
        b"grant_type=client_credentials&x=%00",
        b"grant_type=client_credentials&x=%ff",
        b"grant_type=client_credentials&\xff=x",
        b"&".join([b"grant_type=client_credentials", *[b"a%d=x" % index for index in range(200)]]),
        b"",
    ],
)
def test_malformed_bodies_are_refused(provider: Provider, body: bytes) -> None:
    refused = provider.post("/token", body, **(NIGHTLY | {"Content-Type": FORM}))
    assert refused.status_code == 400


def test_an_enormous_body_is_refused(provider: Provider) -> None:
    body = b"grant_type=client_credentials&x=" + b"x" * 100_000
    assert provider.post("/token", body, **(NIGHTLY | {"Content-Type": FORM})).status_code == 413


def test_a_compressed_body_is_not_unpacked(provider: Provider) -> None:
    body = gzip.compress(b"grant_type=client_credentials&x=" + b"x" * 10_000_000)
    refused = provider.post("/token", body, **(NIGHTLY | {"Content-Type": FORM, "Content-Encoding": "gzip"}))
    assert refused.status_code == 400


def test_nothing_that_was_received_comes_back_in_an_error(provider: Provider, portal: RelyingParty) -> None:
    marker = "reflected-7f3a"
    data = {"grant_type": marker, "code": marker, "scope": marker, "redirect_uri": marker, "code_verifier": marker}
    for grant in (marker, "authorization_code", "refresh_token", "client_credentials"):
        assert marker not in portal.post("/token", data | {"grant_type": grant}).text
        assert marker not in provider.post("/token", data | {"client_id": marker, "client_secret": marker}).text
