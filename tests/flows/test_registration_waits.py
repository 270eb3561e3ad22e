"""A registration that waits for the document of its sector, which a stranger can make slow, is in nobody's way."""

import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from authserver.clients import sectors
from authserver.serve import gate
from authserver.serve.gate import Gate
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.registering import APP, manage, refusal, registered, send
from tests.patience import PATIENCE, eventually

THREADS = 2


def read(stream: Any, size: int) -> bytes:
    body: bytes = stream.read(size)
    return body


@pytest.fixture
def provider(make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """A server that works on two requests at a time, as it does behind its gate."""
    monkeypatch.setattr(gate, "PATIENCE", PATIENCE)
    provider = make_provider(registration="open", threads=THREADS)
    monkeypatch.setattr(provider.app, "wsgi_app", Gate(provider.app.wsgi_app, THREADS, 65536, read))
    return provider


def of_sector(url: str) -> dict[str, Any]:
    return APP | {"subject_type": "pairwise", "sector_identifier_uri": f"{url}/uris"}


def test_tokens_are_given_out_meanwhile(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, end = [], Event()

    def look_up(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        end.wait(PATIENCE)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    nightly = provider.client("nightly")
    with ThreadPoolExecutor(THREADS) as threads:
        waiting = [threads.submit(send, provider, of_sector("https://slow.example.org")) for _ in range(THREADS)]
        eventually(lambda: len(asked) == THREADS)
        answer = nightly.post("/token", {"grant_type": "client_credentials"})
        is_meanwhile = not any(each.done() for each in waiting)
        end.set()
    assert (answer.status_code, is_meanwhile) == (200, True)
    assert {refusal(each.result())[0] for each in waiting} == {"invalid_client_metadata"}


def test_a_change_calls_a_stranger_s_server_no_oftener_than_registrations_may(make_provider: MakeProvider) -> None:
    provider = make_provider(registration_limit="2 per hour")
    of = registered(provider)
    change = of_sector("https://127.0.0.1:1") | {"client_id": of["client_id"]}
    for _ in range(2):
        assert refusal(manage(provider, of, "PUT", change))[0] == "invalid_client_metadata"
    refused = manage(provider, of, "PUT", change)
    assert refusal(refused, 429)[0] == "temporarily_unavailable"
    assert int(refused.headers["Retry-After"]) > 0
    assert manage(provider, of, "PUT", APP | {"client_id": of["client_id"]}).status_code == 200


def test_more_than_a_few_are_told_to_come_back(provider: Provider) -> None:
    for _ in range(sectors.MOST_WAITING):
        assert sectors.WAITING.acquire(blocking=False)
    refused = send(provider, of_sector("https://127.0.0.1:1"))
    for _ in range(sectors.MOST_WAITING):
        sectors.WAITING.release()
    assert refusal(refused, 429)[0] == "temporarily_unavailable"
    assert refused.headers["Retry-After"] == "5"
    assert refusal(send(provider, of_sector("https://127.0.0.1:1")))[0] == "invalid_client_metadata"
