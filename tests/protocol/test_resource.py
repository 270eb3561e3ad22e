"""Resource indicators: one audience for one token (RFC 8707 §2)."""

import pytest

from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.resource import authorized_audiences, normal, token_audiences
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
        REPORTS.audience + "//",
        REPORTS.audience + "/x",
        REPORTS.audience + "?",
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
    assert token_audiences((), BOTH) == (REPORTS.audience,)
    assert token_audiences((USERS.audience,), BOTH) == (USERS.audience,)
    assert token_audiences((USERS.audience, USERS.audience + "/"), BOTH) == (USERS.audience,)


def test_a_token_for_userinfo_as_well_names_the_issuer_unless_it_asks_for_one_resource() -> None:
    assert token_audiences((), BOTH, ISSUER) == (REPORTS.audience, ISSUER)
    assert token_audiences((USERS.audience,), BOTH, ISSUER) == (USERS.audience,)
    assert token_audiences((ISSUER,), BOTH, ISSUER) == (ISSUER,)
    assert token_audiences((), (ISSUER,), ISSUER) == (ISSUER,)
    with pytest.raises(ProtocolError):
        token_audiences((ISSUER,), BOTH)
    with pytest.raises(ProtocolError):
        token_audiences((USERS.audience, ISSUER), BOTH, ISSUER)


def test_the_issuer_is_a_resource_of_who_asks_for_openid() -> None:
    asked = (ISSUER, USERS.audience)
    assert authorized_audiences(asked, make_client(), make_registry(), ISSUER, ("openid",)) == asked
    with pytest.raises(ProtocolError):
        authorized_audiences(asked, make_client(), make_registry(), ISSUER, ("profile",))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example", "https://a.example/"),
        ("https://a.example", "HTTPS://A.EXAMPLE"),
        ("https://a.example:8443/", "https://A.example:8443"),
        ("https://a.example/Path", "HTTPS://a.Example/Path"),
        ("https://a.example?q=A", "https://A.EXAMPLE?q=A"),
    ],
)
def test_two_ways_of_writing_scheme_host_and_root_are_one_resource(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example", "http://a.example"),
        ("https://a.example", "https://a.example//"),
        ("https://a.example", "https://a.example:443"),
        ("https://a.example/x", "https://a.example/x/"),
        ("https://a.example/x", "https://a.example/X"),
        ("https://a.example/?", "https://a.example"),
        ("https://a.example/%7E", "https://a.example/~"),
        ("https://A@a.example", "https://a@a.example"),
        ("https://a.example/?q", "https://a.example?q"),
        ("https://a.example/\n", "https://a.example/"),
        ("urn:a", "URN:a"),
        ("https://kelvin.example", "https://\u212aelvin.example"),
        ("kubernetes", "Kubernetes"),
    ],
)
def test_nothing_else_is_made_alike(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize("resources", [BOTH, ("https://unknown.example.com",)])
def test_a_token_is_never_for_two_or_for_what_was_not_authorized(resources: tuple[str, ...]) -> None:
    with pytest.raises(ProtocolError) as refused:
        token_audiences(resources, BOTH)
    assert refused.value.error == "invalid_target"
    with pytest.raises(ProtocolError):
        token_audiences((USERS.audience,), (REPORTS.audience,))
