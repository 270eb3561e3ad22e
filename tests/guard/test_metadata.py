"""What a resource server publishes of itself, under WSGI and ASGI: RFC 9728 §3."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from authserver.guard import Guard, asgi, wsgi
from tests.guard.frameworks import ASGI, WSGI, get
from tests.guard.issuer import AUDIENCE, Issuer

PLACE = "/.well-known/oauth-protected-resource"


def by_wsgi(guard: Guard, name: str) -> Any:
    application = wsgi.WsgiGuard(guard).publish(WSGI[name](guard))

    def ask(path: str, method: str = "GET") -> httpx.Response:
        with httpx.Client(transport=httpx.WSGITransport(application)) as client:
            return client.request(method, f"http://reports.example.com{path}")

    return ask


def by_asgi(guard: Guard, name: str) -> Any:
    application = asgi.AsgiGuard(guard).publish(ASGI[name](guard))
    return lambda path, method="GET": asyncio.run(get(application, path=path, method=method))


KINDS = {"flask": by_wsgi, "wsgi": by_wsgi, "asgi": by_asgi, "starlette": by_asgi, "fastapi": by_asgi}


@pytest.mark.parametrize("name", KINDS)
def test_the_document_names_issuer_and_scopes_and_each_challenge_names_the_document(
    name: str, guard: Guard, issuer: Issuer
) -> None:
    ask = KINDS[name](guard, name)
    answer = ask(PLACE)
    assert answer.json() == {
        "resource": AUDIENCE,
        "authorization_servers": [issuer.url],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["audit:reports", "delete:reports", "openid", "profile", "read:reports", "write:reports"],
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert ask(PLACE, "HEAD").content == b""
    assert f', resource_metadata="{AUDIENCE}{PLACE}"' in ask("/read").headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("audience", "path"),
    [
        ("https://example.com/reports", f"{PLACE}/reports"),
        ("https://example.com/a/b/", f"{PLACE}/a/b/"),
        ("https://example.com/", PLACE),
        ("http://localhost:8082/reports", f"{PLACE}/reports"),
    ],
)
def test_the_place_is_before_the_path_of_the_audience(issuer: Issuer, audience: str, path: str) -> None:
    guard = Guard(issuer.url, audience)
    application = wsgi.WsgiGuard(guard).publish(lambda _environ, _start: [b"{}"])
    with httpx.Client(transport=httpx.WSGITransport(application)) as client:
        document = json.loads(client.get(f"http://example.com{path}").content)
    assert (document["resource"], "scopes_supported" in document) == (audience, False)
    assert guard.resource_metadata is not None
    assert guard.resource_metadata.endswith(path)


@pytest.mark.parametrize("audience", ["urn:example:reports", "reports", "https://example.com/?a=b"])
def test_an_audience_that_is_no_address_has_no_place(issuer: Issuer, audience: str) -> None:
    guard: Any
    for guard in (wsgi.WsgiGuard(Guard(issuer.url, audience)), asgi.AsgiGuard(Guard(issuer.url, audience))):
        with pytest.raises(ValueError, match="audience"):
            guard.publish(None)


def test_the_address_of_the_metadata_is_checked(issuer: Issuer) -> None:
    for address in ("http://example.com/x", "nonsense"):
        with pytest.raises(ValueError, match="resource_metadata"):
            Guard(issuer.url, AUDIENCE, resource_metadata=address)


@pytest.mark.parametrize(
    ("values", "max_age"), [((), None), (("",), None), (("a b",), None), (("1",), -1), (('"',), 3)]
)
def test_a_demand_that_cannot_be_meant_fails_when_the_application_starts(
    guard: Guard, values: tuple[str, ...], max_age: int | None
) -> None:
    with pytest.raises(ValueError, match=r"acr|max_age"):
        wsgi.WsgiGuard(guard).require_acr(*values, max_age=max_age)
    with pytest.raises(ValueError, match="max_age"):
        wsgi.WsgiGuard(guard).require_max_age(-1)
    with pytest.raises(ValueError, match="scope"):
        wsgi.WsgiGuard(guard).require_scope()
