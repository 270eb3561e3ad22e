"""The clients, of clients.yaml and registered beside it, and the tokens that let them; secrets are never shown."""

from dataclasses import asdict
from heapq import nsmallest
from typing import Any

from authserver.management.call.cursor import after, cursor_of
from authserver.management.call.inputs import ClientChange, NewRegistrationToken, PageQuery
from authserver.management.call.operation import Call, Operation, given, nothing
from authserver.management.call.outputs import (
    ClientRecord,
    ClientsPage,
    NewRegistrationTokenRecord,
    RegistrationTokenList,
    RegistrationTokenRecord,
)
from authserver.management.call.problem import not_found
from authserver.management.client_record import described
from authserver.protocol.client.registry import REGISTERED
from authserver.server import Reply
from authserver.store.registration import clients, tokens
from authserver.store.registration.tokens import RegistrationToken


def _list(call: Call) -> Reply:
    query: PageQuery = call.query
    last = after(query.cursor)
    with call.server.database.read() as connection:
        beside = {each.client_id: each for each in clients.page(connection, last, query.limit + 1)}
    following = nsmallest(query.limit + 1, {*(name for name in call.registry.clients if name > last), *beside})
    found = (described(call, name, beside.get(name)) for name in following[: query.limit])
    items = [each for each in found if each]
    cursor = cursor_of(following[query.limit - 1]) if len(following) > query.limit else None
    return given(ClientsPage(items=items, next=cursor, version=call.registry.version))


def _get(call: Call) -> Reply:
    client_id, row = call.argument("client_id"), None
    if client_id.startswith(REGISTERED):
        with call.server.database.read() as connection:
            row = clients.find(connection, client_id)
    found = described(call, client_id, row)
    if found is None:
        raise not_found("client")
    return given(found)


def _change(call: Call) -> Reply:
    wanted: ClientChange = call.body
    client_id = call.argument("client_id")
    with call.server.database.write() as connection:
        if clients.find(connection, client_id) is None:
            raise not_found("client that registered itself")
        if (clients.disable if wanted.disabled else clients.enable)(connection, client_id, call.now):
            act = call.change(connection)
            if wanted.disabled:
                act.note("client:registration:disabled", None, client_id=client_id)
            else:
                act.note("client:registration:enabled", None, client_id=client_id)
    call.server.registered.changed(client_id)
    return _get(call)


def _remove(call: Call) -> Reply:
    client_id = call.argument("client_id")
    with call.server.database.write() as connection:
        if not clients.remove(connection, client_id, call.now):
            raise not_found("client that registered itself")
        call.change(connection).note("client:registration:deleted", None, client_id=client_id)
    call.server.registered.changed(client_id)
    return nothing()


def _tokens(call: Call) -> Reply:
    with call.server.database.read() as connection:
        found = tokens.everything(connection)
    return given(RegistrationTokenList(items=[RegistrationTokenRecord(**_as_record(each)) for each in found]))


def _new_token(call: Call) -> Reply:
    wanted: NewRegistrationToken = call.body
    scope = tuple(wanted.scope.split())
    with call.server.database.write() as connection:
        key, token = tokens.make(connection, scope, wanted.uses, call.now, wanted.lifetime)
        made = tokens.find(connection, token, call.now)
        call.change(connection).note(
            "client:registration:token_issued", None, id=key, uses=wanted.uses, scope=wanted.scope
        )
    assert made is not None  # noqa: S101 - it was made above
    return given(NewRegistrationTokenRecord(**_as_record(made), token=token), 201)


def _remove_token(call: Call) -> Reply:
    key = call.argument("id")
    with call.server.database.write() as connection:
        if not tokens.remove(connection, key):
            raise not_found("token")
        call.change(connection).note("client:registration:token_revoked", None, id=key)
    return nothing()


def _as_record(token: RegistrationToken) -> dict[str, Any]:
    return asdict(token) | {"scope": " ".join(token.scope)}


OPERATIONS = (
    Operation("GET", "/clients", "listClients", "See the clients", "read:clients", _list, PageQuery, gives=ClientsPage),
    Operation("GET", "/clients/{client_id}", "getClient", "See a client", "read:clients", _get, gives=ClientRecord),
    Operation(
        "PATCH",
        "/clients/{client_id}",
        "changeClient",
        "Disable a client that registered itself, or enable it again",
        "write:clients",
        _change,
        body=ClientChange,
        gives=ClientRecord,
    ),
    Operation(
        "DELETE",
        "/clients/{client_id}",
        "removeClient",
        "Remove a client that registered itself, with all that people gave it",
        "write:clients",
        _remove,
        status=204,
    ),
    Operation(
        "GET",
        "/registration-tokens",
        "listRegistrationTokens",
        "See the initial access tokens",
        "read:clients",
        _tokens,
        gives=RegistrationTokenList,
    ),
    Operation(
        "POST",
        "/registration-tokens",
        "makeRegistrationToken",
        "Make an initial access token, by which clients register themselves",
        "write:clients",
        _new_token,
        body=NewRegistrationToken,
        gives=NewRegistrationTokenRecord,
        status=201,
    ),
    Operation(
        "DELETE",
        "/registration-tokens/{id}",
        "removeRegistrationToken",
        "Take an initial access token back",
        "write:clients",
        _remove_token,
        status=204,
    ),
)
