"""What a request is called, and the trace that it is a part of: by a trusted proxy, and by nobody else."""

import re
from typing import Any

import pytest
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from authserver.http.context import entered
from authserver.outbound.trace import traceparent
from authserver.protocol.trace_context import parsed
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider

PROXY, STRANGER = "10.1.2.3", "198.51.100.7"
UUID = "7b1f3a52-9c1d-4e0e-8f3b-2a6c5d4e3f21"
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    return make_provider(trusted_proxies="10.0.0.0/8")


def named(provider: Provider, given: str, address: str = PROXY, path: str = "/userinfo") -> str:
    """The id under which a request is answered that came with this one."""
    return provider.call("GET", path, address=address, headers={"X-Request-Id": given}).headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/userinfo", "/sign-in"])
@pytest.mark.parametrize("given", ["a" * 32, UUID, "01J9Z6T3K8V7.node-1"])
def test_the_id_of_a_trusted_proxy_is_kept(provider: Provider, path: str, given: str) -> None:
    with capture_logs() as lines:
        assert named(provider, given, path=path) == given
    assert lines


@pytest.mark.parametrize("given", ["short", "a" * 33, "two words here", 'a"b"c"d"e"', "ünïcödé-id", "<b>12345</b>", ""])
def test_an_id_that_could_do_harm_is_replaced(provider: Provider, given: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", named(provider, given))


def test_nobody_but_a_trusted_proxy_chooses_an_id(provider: Provider, make_provider: MakeProvider) -> None:
    assert named(provider, UUID, STRANGER) != UUID
    assert named(make_provider(), UUID, PROXY) != UUID


def test_an_event_is_kept_under_the_id_of_the_proxy(provider: Provider) -> None:
    form = {"grant_type": "client_credentials"}
    for given in (UUID, "0123456789abcdef"):
        provider.call(
            "POST", "/token", address=PROXY, data=form | {"client_id": "nobody"}, headers={"X-Request-Id": given}
        )
    kept = [event["request_id"] for event in provider.events("client:authentication:failed")]
    assert kept == [UUID.replace("-", ""), "0123456789abcdef"]


def within(provider: Provider, header: str, address: str) -> tuple[str | None, Any]:
    """What calls to others carry during such a request, and the trace in its log lines."""
    with entered(provider.app.server, {"REMOTE_ADDR": address, "HTTP_TRACEPARENT": header}):
        return traceparent.get(), get_contextvars().get("trace_id")


def test_a_trace_goes_on_in_calls_to_others_and_stands_in_the_log(provider: Provider) -> None:
    sent, logged = within(provider, PARENT, PROXY)
    assert logged == TRACE
    assert sent is not None
    assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-01", sent)
    assert sent != PARENT
    assert (traceparent.get(), get_contextvars().get("trace_id")) == (None, None)


def test_a_trace_of_a_stranger_is_none(provider: Provider) -> None:
    assert within(provider, PARENT, STRANGER) == (None, None)


@pytest.mark.parametrize(
    "header",
    [
        "",
        PARENT.upper(),
        f"ff-{TRACE}-b7ad6b7169203331-01",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{PARENT}-more",
        f"00-{TRACE}-b7ad6b7169203331",
        f"cc-{TRACE}-b7ad6b7169203331-01-{'x' * 300}",
        f"{PARENT}\n",
    ],
)
def test_what_is_no_trace_is_left_alone(header: str) -> None:
    assert parsed(header) is None


def test_a_later_version_may_say_more() -> None:
    found = parsed(f"cc-{TRACE}-b7ad6b7169203331-00-what-the-future-will-be-like")
    assert found is not None
    assert found.child("1" * 16) == f"00-{TRACE}-{'1' * 16}-00"
