"""The API takes tokens that are bound to a key, with proof of it, and refuses them in any other way (RFC 9449 §7)."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.flows.conftest import MakeProvider
from tests.flows.dpop import BoundClient, ProofKey, bound_client
from tests.flows.provider import Provider
from tests.flows.test_dpop import bound, redeemed
from tests.management.api import DECLARED

PATH = "/api/v1/users"


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    made = make_provider()
    assert made.declare(DECLARED)
    return made


@pytest.fixture
def keyed(provider: Provider) -> BoundClient:
    return bound_client(provider)


@pytest.fixture
def token(provider: Provider, keyed: BoundClient) -> str:
    provider.give_roles("ada", "admin")
    console = provider.client("console")
    return bound(console, redeemed(console, provider.browser(), keyed.at_token())).access_token


def call(provider: Provider, headers: dict[str, str], method: str = "GET", path: str = PATH) -> TestResponse:
    answer = provider.call(method, path, headers=headers)
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json"
    return answer


def test_it_answers_who_proves_the_key_each_time_anew(provider: Provider, keyed: BoundClient, token: str) -> None:
    for path in (PATH, f"{PATH}?limit=1", "/api/v1/roles"):
        headers = keyed.at(path.partition("?")[0], token)
        assert call(provider, headers, path=path).status_code == 200
        again = call(provider, headers, path=path)
        assert again.status_code == 401
        assert 'error="invalid_dpop_proof"' in again.headers["WWW-Authenticate"]


def test_a_change_is_made_under_a_proof_for_it_and_no_other(provider: Provider, keyed: BoundClient, token: str) -> None:
    path = f"{PATH}/{provider.people['gus']}"
    seen = provider.call("GET", path, headers=keyed.at(path, token))
    match = {"If-Match": seen.headers["ETag"]}
    assert call(provider, keyed.at(path, token, "GET") | match, "DELETE", path).status_code == 401
    assert call(provider, keyed.at(path, token, "DELETE") | match, "DELETE", path).status_code < 300


@pytest.mark.parametrize(
    "headers",
    [
        lambda keyed, token: {"Authorization": f"Bearer {token}"},
        lambda keyed, token: keyed.at(PATH, token) | {"Authorization": f"Bearer {token}"},
        lambda keyed, token: {"Authorization": f"DPoP {token}"},
        lambda keyed, token: keyed.at("/api/v1/roles", token),
        lambda keyed, token: keyed.at(PATH, "another"),
        lambda keyed, token: BoundClient(keyed.provider, ProofKey(keyed.provider.clock)).at(PATH, token),
    ],
    ids=["bearer", "bearer with proof", "no proof", "of another path", "of another token", "of another key"],
)
def test_in_no_other_way(
    provider: Provider, keyed: BoundClient, token: str, headers: Callable[[BoundClient, str], dict[str, str]]
) -> None:
    sent = headers(keyed, token)
    if sent["Authorization"].startswith("DPoP another"):
        sent["Authorization"] = f"DPoP {token}"
    answer = call(provider, sent)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("DPoP ")
