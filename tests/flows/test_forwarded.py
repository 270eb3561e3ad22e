"""A proxy that nobody has named is noticed: it forwards for many clients, and nobody believes it."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider

PROXY = "10.1.2.3"


def forward(provider: Provider, clients: list[str], peer: str = PROXY) -> list[dict[str, Any]]:
    """Requests for these clients by way of a proxy; returns the log lines that tell of it."""
    with capture_logs() as lines:
        for client in clients:
            provider.call("GET", "/userinfo", address=peer, headers={"X-Forwarded-For": client})
    return [dict(line) for line in lines if line["event"] == "proxy:not_trusted"]


def warnings(provider: Provider) -> list[str]:
    answer = provider.call("GET", "/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ready")
    found: list[str] = answer.get_json().get("warnings", [])
    return found


MANY = [f"203.0.113.{number}" for number in range(50)]


def test_it_is_told_once_in_the_log_and_in_readyz(make_provider: MakeProvider) -> None:
    provider = make_provider()
    assert warnings(provider) == []
    (line,) = forward(provider, MANY)
    assert (line["peer"], line["log_level"]) == (PROXY, "warning")
    assert "AUTHSERVER_TRUSTED_PROXIES" in line["hint"]
    (warning,) = warnings(provider)
    assert warning.startswith("trusted_proxies: ")
    # Anybody may be able to read it.
    assert PROXY not in warning
    assert forward(provider, MANY) == []


@pytest.mark.parametrize("forwarded", [MANY[:9] * 5, ["unknown", "", "<script>", "1.2.3.4:5"] * 20, [MANY[0]] * 50])
def test_a_few_clients_or_rubbish_are_no_proxy(make_provider: MakeProvider, forwarded: list[str]) -> None:
    provider = make_provider()
    assert forward(provider, forwarded) == []
    assert warnings(provider) == []


def test_a_proxy_that_is_named_is_believed_and_no_other(make_provider: MakeProvider) -> None:
    provider = make_provider(trusted_proxies="10.1.0.0/16")
    assert forward(provider, MANY) == []
    assert warnings(provider) == []
    assert len(forward(provider, MANY, peer="10.2.0.1")) == 1


def test_what_many_peers_send_takes_no_room(make_provider: MakeProvider) -> None:
    provider = make_provider()
    for number in range(200):
        forward(provider, MANY[:2], peer=f"198.51.100.{number}")
    assert len(provider.app.server.forwarded_by) <= 32
