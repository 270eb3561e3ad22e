"""Whom an assertion that is pushed with a request may be for (RFC 9126 §2)."""

import pytest

from tests.flows.assertions import JWT_BEARER, assertion
from tests.flows.provider import Provider


@pytest.mark.parametrize(
    ("audience", "status"),
    [
        ("{}", 201),
        ("{}/token", 201),
        ("{}/par", 201),
        ("{}/introspect", 401),
        ("{}/par/", 401),
        ("https://x.example", 401),
    ],
)
def test_an_assertion_for_this_endpoint_is_good_here_alone(provider: Provider, audience: str, status: int) -> None:
    vault = provider.client("vault")
    made = assertion("vault", audience.format(provider.issuer), provider.clock.now)
    sent = {"client_assertion_type": JWT_BEARER, "client_assertion": made}
    if audience.endswith("/par"):
        # RFC 9126 §2 names it for pushed requests; anywhere else it is somebody else's.
        assert provider.post("/token", sent | {"grant_type": "client_credentials"}).status_code == 401
    assert provider.post("/par", vault.ask().parameters | sent).status_code == status
