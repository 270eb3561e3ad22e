"""A locked table holds up no thread for long at the endpoints for clients: their writes have the short limits."""

import ast
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from werkzeug.test import TestResponse

import authserver
from authserver.store.engine import limits
from tests.flows.assertions import JWT_BEARER, assertion
from tests.flows.conftest import MakeProvider
from tests.flows.dpop import bound_client
from tests.flows.provider import Provider
from tests.flows.registering import APP, manage, registered, send
from tests.flows.relying_party import EVERYTHING, Tokens
from tests.flows.test_dpop import redeemed
from tests.patience import PATIENCE

SOURCES = Path(authserver.__file__).parent
LONG = 3600
SERVICE = {"grant_type": "client_credentials"}
Send = Callable[[], TestResponse]


def by_assertion(server: Provider, path: str) -> Send:
    made = assertion("vault", server.issuer, server.clock.now)
    sent = SERVICE | {"client_assertion_type": JWT_BEARER, "client_assertion": made, "token": "x"}
    return lambda: server.post(path, sent)


def bound_service(server: Provider, _tokens: Tokens) -> Send:
    nightly, proof = server.client("nightly"), bound_client(server).at_token()
    return lambda: nightly.post("/token", SERVICE, **proof)


def bound_userinfo(server: Provider, _tokens: Tokens) -> Send:
    bound = bound_client(server)
    answer = redeemed(server.client("portal"), server.browser(), bound.at_token())
    token = answer.get_json()["access_token"]
    headers = bound.at("/userinfo", token)
    return lambda: server.call("GET", "/userinfo", headers=headers)


def pushed(server: Provider, _tokens: Tokens) -> Send:
    portal = server.client("portal")
    return lambda: portal.push(portal.ask())


def device(server: Provider, _tokens: Tokens) -> Send:
    television = server.client("tv")
    return lambda: television.post("/device_authorization", {})


def registration(server: Provider, _tokens: Tokens) -> Send:
    return lambda: send(server, APP)


def changed_registration(server: Provider, _tokens: Tokens) -> Send:
    made = registered(server)
    body = APP | {"client_id": made["client_id"], "client_name": "Another name"}
    return lambda: manage(server, made, "PUT", body)


def test_no_write_of_a_token_or_with_one_has_the_full_limits() -> None:
    found = [
        (path.name, call.func.attr, {each.arg for each in call.keywords})
        for room in ("token", "resource")
        for path in sorted((SOURCES / room).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr.startswith("write")
    ]
    assert len(found) > 5
    assert [each for each in found if each[2] != {"is_brief"}] == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("table", "prepare"),
    [
        ("spent_ids", lambda server, _: by_assertion(server, "/token")),
        ("spent_ids", lambda server, _: by_assertion(server, "/introspect")),
        ("spent_ids", bound_service),
        ("spent_ids", bound_userinfo),
        ("authorization_requests", pushed),
        ("device_codes", device),
        ("authorizations", lambda server, tokens: lambda: server.client("portal").revoke(tokens.refresh_token)),
        ("revoked_access_tokens", lambda server, tokens: lambda: server.client("portal").revoke(tokens.access_token)),
        ("registered_clients", registration),
        ("registered_clients", changed_registration),
    ],
)
def test_a_write_for_a_client_waits_for_a_locked_table_only_briefly(
    make_provider: MakeProvider,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    prepare: Callable[[Provider, Tokens], Send],
) -> None:
    server = make_provider(registration="open")
    act = prepare(server, server.client("portal").sign_in(server.browser(), scope=EVERYTHING))
    # From here on one limit is an hour, and the short one a moment.
    monkeypatch.setattr(limits, "BRIEF", 1e-5)
    hasty = make_provider(registration="open", database_statement_timeout=LONG, database_lock_timeout=LONG)
    monkeypatch.setattr(server, "machine", hasty.machine)
    # The lock is let go before the thread that waits for it is.
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database_url) as holder:
        holder.execute(f"LOCK TABLE {table} IN SHARE MODE".encode())
        refused = pool.submit(act).result(PATIENCE)
        holder.rollback()
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (503, True)
