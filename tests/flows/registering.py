"""A program that registers a client, and manages it (RFC 7591, RFC 7592)."""

import json
from typing import Any

from werkzeug.test import TestResponse

from authserver.store.registration import tokens
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

CALLBACK = "https://app.example.org/callback"
APP: dict[str, Any] = {"client_name": "An app", "redirect_uris": [CALLBACK]}
DAY = 86400


def initial(provider: Provider, *scope: str, uses: int = 1, lifetime: int = DAY) -> str:
    """An initial access token, as an administrator makes one."""
    with provider.database.write() as connection:
        return tokens.make(connection, scope, uses, provider.clock.now, lifetime)[1]


def send(provider: Provider, body: Any, token: str | None = None, **headers: str) -> TestResponse:
    sent = {"Content-Type": "application/json"} | headers
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return provider.call("POST", "/register", data=data, headers=sent)


def registered(provider: Provider, token: str | None = None, **changes: Any) -> dict[str, Any]:
    """What a registration that succeeds is answered with."""
    answer = send(provider, APP | changes, token or initial(provider, *str(changes.get("scope", "")).split()))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = answer.get_json()
    return body


def manage(provider: Provider, of: dict[str, Any], method: str = "GET", body: Any = None) -> TestResponse:
    headers = {"Authorization": f"Bearer {of['registration_access_token']}"}
    given = {} if body is None else {"json": body}
    return provider.call(method, of["registration_client_uri"], headers=headers, **given)


def party(provider: Provider, of: dict[str, Any]) -> RelyingParty:
    method = of["token_endpoint_auth_method"]
    return RelyingParty(provider, of["client_id"], of["redirect_uris"][0], method, of.get("client_secret", ""))


def refusal(answer: TestResponse, status: int = 400) -> tuple[str, str]:
    assert answer.status_code == status, answer.text
    body = answer.get_json()
    assert body["error_description"].isascii()
    return body["error"], body["error_description"]
