"""An authorization request, from parameters to a checked value (RFC 6749 §4.1.1; OpenID Connect Core §3.1.2.1)."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.errors import RedirectedError, ShownError
from authserver.protocol.parameters import parse
from authserver.protocol.request.authorization_request import (
    BrowserRequest,
    check_request,
    resolve_client,
    resolve_redirect_uri,
    resolve_response_mode,
)
from tests.protocol.values import ISSUER, REPORTS, USERS, make_client, make_registry

URI = "https://portal.example.com/callback"
CLIENT = make_client()
SERVICE = make_client(client_id="job", type="service", grant_types=frozenset({"client_credentials"}), redirect_uris=())
MANY = make_client(client_id="many", redirect_uris=(URI, URI + "/2"))
REGISTRY = make_registry(CLIENT, SERVICE, MANY)
VALID = {
    "response_type": "code",
    "client_id": "portal",
    "redirect_uri": URI,
    "scope": "openid",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


def check(**changes: Any) -> BrowserRequest:
    sent = {name: value for name, value in (VALID | changes).items() if value is not None}
    parameters = parse(urlencode(sent, doseq=True).encode())
    client = resolve_client(parameters, REGISTRY)
    return check_request(parameters, client, resolve_redirect_uri(parameters, client), REGISTRY, ISSUER)


def test_a_plain_request_takes_every_default() -> None:
    request = check()
    assert (request.client_id, request.redirect_uri, request.redirect_uri_given) == ("portal", URI, True)
    assert (request.response_mode, request.scope, request.prompt) == ("query", ("openid",), frozenset())
    assert request.audiences == (REPORTS.audience, USERS.audience)
    assert (request.state, request.nonce, request.max_age, request.login_hint) == (None, None, None, None)


def test_a_request_keeps_what_it_was_given_through_storage() -> None:
    request = check(
        state='"\\é\u2028',
        nonce="n",
        prompt="login consent",
        max_age="0",
        login_hint="ada",
        resource=[USERS.audience],
        response_mode="form_post",
    )
    assert request.prompt == {"login", "consent"}
    assert (request.max_age, request.audiences) == (0, (USERS.audience,))
    assert BrowserRequest.from_json(request.to_json()) == request


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": ""},
        {"client_id": "unknown"},
        {"client_id": "PORTAL"},
        {"client_id": ["portal", "portal"]},
        {"client_id": "job"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": URI + "?x"},
        {"redirect_uri": [URI, URI]},
        {"redirect_uri": URI + "\0"},
        {"client_id": "many", "redirect_uri": None},
        {"client_id": "many", "redirect_uri": ""},
    ],
)
@pytest.mark.parametrize(
    "also_wrong", [{}, {"response_type": "token"}, {"prompt": "none"}, {"request": "x"}, {"scope": "\0"}]
)
def test_until_client_and_redirect_uri_hold_errors_are_shown_whatever_else_is_wrong(
    changes: dict[str, Any], also_wrong: dict[str, str]
) -> None:
    with pytest.raises(ShownError):
        check(**changes | also_wrong)


def test_a_client_with_one_redirect_uri_need_not_name_it() -> None:
    request = check(redirect_uri=None, scope="profile")
    assert (request.redirect_uri, request.redirect_uri_given) == (URI, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "code code"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"response_type": ["code", "code"]}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "query.jwt"}, "invalid_request"),
        ({"request": "e30."}, "request_not_supported"),
        ({"request": ["a", "b"]}, "request_not_supported"),
        ({"request_uri": "https://a.example"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"resource": "https://unknown.example"}, "invalid_target"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "sometimes"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "x"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"max_age": "9" * 11}, "invalid_request"),
        ({"nonce": "n" * 2049}, "invalid_request"),
        ({"state": "n" * 2049}, "invalid_request"),
        ({"nonce": ["a", "b"]}, "invalid_request"),
        ({"state": ["a", "b"]}, "invalid_request"),
        ({"unknown": ["a", "b"]}, "invalid_request"),
    ],
)
def test_once_they_hold_the_client_hears_the_error(changes: dict[str, Any], error: str) -> None:
    with pytest.raises(RedirectedError) as refused:
        check(**changes)
    assert refused.value.error == error


@pytest.mark.parametrize(("asked", "used"), [(None, "query"), ("form_post", "form_post"), ("fragment", "query")])
def test_an_error_about_the_response_mode_can_be_delivered(asked: str | None, used: str) -> None:
    assert resolve_response_mode(parse(urlencode({"response_mode": asked or ""}).encode())) == used


@given(st.dictionaries(st.sampled_from([*VALID, "prompt", "max_age", "resource", "nonce", "x"]), st.text(max_size=30)))
def test_any_values_are_a_request_or_one_of_its_two_errors(values: dict[str, str]) -> None:
    try:
        request = check(**{name: value.encode(errors="replace").decode() for name, value in values.items()})
    except (ShownError, RedirectedError) as error:
        assert error.description.isascii()  # noqa: PT017 - either outcome is right
    else:
        assert BrowserRequest.from_json(request.to_json()) == request
        assert request.redirect_uri == URI
