"""Resource indicators: one audience for one token (RFC 8707 §2)."""

import pytest

from authserver.protocol.errors import ProtocolError
from authserver.protocol.resource import authorized_audiences, token_audience
from tests.protocol.values import ISSUER, REPORTS, USERS, make_client, make_registry

BOTH = (REPORTS.audience, USERS.audience)


@pytest.mark.parametrize(
    ("resources", "audiences"),
    [
        ((), BOTH),
        ((USERS.audience,), (USERS.audience,)),
        ((USERS.audience, REPORTS.audience), (USERS.audience, REPORTS.audience)),
        ((USERS.audience, USERS.audience), (USERS.audience,)),
    ],
)
def test_an_authorization_is_for_what_was_asked_or_all_of_the_clients_apis(
    resources: tuple[str, ...], audiences: tuple[str, ...]
) -> None:
    assert authorized_audiences(resources, make_client(), make_registry(), ISSUER) == audiences


def test_a_client_of_no_api_gets_tokens_for_the_issuer_alone() -> None:
    client = make_client(apis=())
    assert authorized_audiences((), client, make_registry(), ISSUER) == (ISSUER,)
    with pytest.raises(ProtocolError):
        authorized_audiences((REPORTS.audience,), client, make_registry(), ISSUER)


@pytest.mark.parametrize(
    "resource",
    [
        "https://unknown.example.com",
        "reports",
        REPORTS.audience + "/",
        REPORTS.audience.upper(),
        REPORTS.audience + "#x",
        " " + REPORTS.audience,
        ISSUER,
    ],
)
def test_an_unknown_or_unregistered_resource_is_an_invalid_target(resource: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        authorized_audiences((REPORTS.audience, resource), make_client(), make_registry(), ISSUER)
    assert refused.value.error == "invalid_target"


def test_an_api_that_the_client_is_not_registered_for_is_an_invalid_target() -> None:
    with pytest.raises(ProtocolError):
        authorized_audiences((USERS.audience,), make_client(apis=("reports",)), make_registry(), ISSUER)


def test_a_token_is_for_the_resource_it_asks_for_or_the_first() -> None:
    assert token_audience((), BOTH) == REPORTS.audience
    assert token_audience((USERS.audience,), BOTH) == USERS.audience
    assert token_audience((USERS.audience, USERS.audience), BOTH) == USERS.audience


@pytest.mark.parametrize("resources", [BOTH, ("https://unknown.example.com",)])
def test_a_token_is_never_for_two_or_for_what_was_not_authorized(resources: tuple[str, ...]) -> None:
    with pytest.raises(ProtocolError) as refused:
        token_audience(resources, BOTH)
    assert refused.value.error == "invalid_target"
    with pytest.raises(ProtocolError):
        token_audience((USERS.audience,), (REPORTS.audience,))
