"""A client's keys by reference: fetched when needed, kept, asked for anew, and only from where they may lie."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.flows.assertions import Key, assertion, key, public
from tests.flows.conftest import MakeProvider
from tests.flows.provider import START, Provider
from tests.flows.test_private_key_jwt import post, reason
from tests.patience import PATIENCE


class Publisher:
    """The site of a client: what it answers, and how often it was asked."""

    def __init__(self) -> None:
        self.body, self.status, self.asked = b"", 200, 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.is_asked = threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked += 1
                publisher.is_asked.set()
                publisher.may_answer.wait(PATIENCE)
                self.send_response(publisher.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(publisher.body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/jwks"

    def publish(self, *keys: Key) -> None:
        self.body = json.dumps(public(*keys)).encode()

    def close(self) -> None:
        self.may_answer.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    site = Publisher()
    site.publish(key())
    yield site
    site.close()


def at(provider: Provider, uri: str, more: str = "") -> None:
    """Let the client vault have its keys there."""
    text = provider.clients_file.read_text()
    assert provider.declare(text.replace(f"jwks: {json.dumps(public(key()))}", f"jwks_uri: {uri}{more}"))


def status(provider: Provider, by: Key | None = None) -> int:
    return post(provider, assertion("vault", provider.issuer, START, by=by)).status_code


def test_registration_jwks_uri_keys_by_reference_are_fetched_once_and_used(
    provider: Provider, publisher: Publisher
) -> None:
    at(provider, publisher.uri)
    assert [status(provider) for _ in range(3)] == [200] * 3
    assert publisher.asked == 1


def test_refresh_token_rp_key_rotation_a_new_key_is_picked_up(provider: Provider, publisher: Publisher) -> None:
    at(provider, publisher.uri)
    assert status(provider) == 200
    new = key("EC", "two")
    publisher.publish(new)
    assert status(provider, new) == 200
    # The old one is gone.
    assert status(provider) == 401


def test_made_up_keys_do_not_make_the_server_ask_each_time(provider: Provider, publisher: Publisher) -> None:
    at(provider, publisher.uri)
    assert [status(provider, key("EC", "stranger")) for _ in range(10)] == [401] * 10
    assert publisher.asked <= 3


@pytest.mark.parametrize(
    ("status_code", "body"),
    [(404, b""), (302, b""), (200, b"no JSON"), (200, b"[]"), (200, b'{"keys": 1}'), (200, b"[" * 9999)],
)
def test_what_is_no_jwks_lets_nobody_in(
    provider: Provider, publisher: Publisher, status_code: int, body: bytes
) -> None:
    at(provider, publisher.uri)
    publisher.status, publisher.body = status_code, body
    assert status(provider) == 401
    assert reason(provider).startswith("the client's jwks_uri: ")


def test_a_jwks_past_the_largest_size_is_refused(provider: Provider, publisher: Publisher) -> None:
    at(provider, publisher.uri)
    publisher.body = json.dumps(public(key()) | {"more": "x" * 600_000}).encode()
    assert status(provider) == 401
    assert "bytes" in reason(provider)


def test_private_keys_that_somebody_publishes_work_as_public_ones(provider: Provider, publisher: Publisher) -> None:
    at(provider, publisher.uri)
    publisher.body = json.dumps({"keys": [key().as_dict(private=True)]}).encode()
    assert status(provider) == 200


def test_a_site_that_hangs_holds_up_a_few_requests_and_no_other_client(
    make_provider: MakeProvider, publisher: Publisher
) -> None:
    provider = make_provider(upstream_timeout=30)
    at(provider, publisher.uri)
    publisher.may_answer.clear()
    answers: list[int] = []
    waiting = [threading.Thread(target=lambda: answers.append(status(provider))) for _ in range(10)]
    for each in waiting:
        each.start()
    assert publisher.is_asked.wait(PATIENCE)
    assert provider.client("nightly").post("/token", {"grant_type": "client_credentials"}).status_code == 200
    publisher.may_answer.set()
    for each in waiting:
        each.join()
    assert set(answers) <= {200, 401}
    assert 200 in answers
    assert publisher.asked == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "[::1]", "169.254.169.254", "2130706433"])
def test_a_private_address_is_not_called(provider: Provider, host: str) -> None:
    at(provider, f"https://{host}:9/jwks")
    assert status(provider) == 401
    assert reason(provider) == "the client's jwks_uri: an address that is not public"


def test_a_private_address_is_called_where_the_client_is_said_to_be_there(provider: Provider) -> None:
    at(provider, "https://127.0.0.1:9/jwks", "\n    http_on_private_network: true")
    assert status(provider) == 401
    assert "not public" not in reason(provider)
