"""`/admin/explanation`: what a client would get for a person or itself, claim by claim, and what made each."""

import json
from collections.abc import Iterable, Sequence
from heapq import nsmallest

from flask import Response, request

from authserver.admin.administrator import Administrator, administers, refused, shown
from authserver.admin.typed import typed
from authserver.explain.because import Because, ExplainedClaim
from authserver.explain.by_itself import ServiceQuestion, explain_service
from authserver.explain.explanation import Explanation, explain
from authserver.explain.question import Question
from authserver.pages.current import current_server
from authserver.pages.fault import Fault
from authserver.protocol.client.client import Client
from authserver.protocol.words import marked
from authserver.store import users
from authserver.store.users import User

# A browser offers these while a client_id is typed; any other can be typed, too.
OFFERED = 500
FIELDS = ("login", "client_id", "scope", "resource", "provider")
NO_PERSON = Fault(marked("Nobody has this username, email address, or sub."))
NO_CLIENT = Fault(marked("There is no such client."))

# A reason, with the line of clients.yaml that says it; a claim with its value as JSON, None where it is left out.
Reason = tuple[str, int | None]
Claim = tuple[str, str | None, list[Reason]]


@administers("read:users")
def explanation(administrator: Administrator) -> Response:
    """Ask for a person and a client, or a client alone, and show what would come of it. Nothing is issued."""
    if not administrator.may("read:clients"):
        return refused()
    server = current_server()
    asked = {name: typed(request.args, name) for name in FIELDS}
    client = server.registered.shown(server.registry, asked["client_id"]) if asked["client_id"] else None
    user, fault, found = None, None, None
    if asked["login"]:
        with server.database.read() as connection:
            user = users.by_login(connection, asked["login"]) or users.get(connection, asked["login"])
            if user is not None and client is not None:
                found = explain(connection, _question(user, client, asked), server.settings.access_token_lifetime)
        fault = NO_PERSON if user is None else None
    elif client is not None and "login" in request.args:
        # Where a page leads to a client without it, the person is yet to be named.
        found = explain_service(_by_itself(client, asked), server.settings.access_token_lifetime)
    if fault is None and client is None and asked["client_id"]:
        fault = NO_CLIENT
    return shown(
        "explanation",
        administrator,
        current="clients",
        asked=asked,
        fault=fault,
        user=user,
        client=client,
        clients=nsmallest(OFFERED, server.registry.clients),
        providers=sorted(server.providers),
        found=found,
        refusals=_reasons(found.refusals) if found else [],
        notes=_reasons(found.notes) if found else [],
        parts=(_parts(found) if user else _parts(found)[:2]) if found else [],
    )


def _question(user: User, client: Client, asked: dict[str, str]) -> Question:
    server = current_server()
    return Question(
        server.registry,
        server.settings.issuer,
        user,
        client,
        asked["scope"] or None,
        tuple(asked["resource"].split()),
        asked["provider"] or None,
        server.now(),
        server.texts.way_to(client.client_id),
        server.settings.signin_by_mail,
    )


def _by_itself(client: Client, asked: dict[str, str]) -> ServiceQuestion:
    server = current_server()
    return ServiceQuestion(
        server.registry,
        server.settings.issuer,
        client,
        asked["scope"] or None,
        tuple(asked["resource"].split()),
        server.now(),
        server.texts.way_to(client.client_id),
    )


def _parts(found: Explanation) -> list[tuple[str, list[Claim]]]:
    return [
        ("header", _claims(found.header)),
        ("access_token", _claims(found.access_token)),
        ("id_token", _claims(found.id_token)),
        ("userinfo", _claims(found.userinfo)),
    ]


def _claims(listed: Sequence[ExplainedClaim]) -> list[Claim]:
    return [
        (
            each.name,
            None if each.value is None else json.dumps(each.value, ensure_ascii=False),
            _reasons(each.reasons),
        )
        for each in listed
    ]


def _reasons(listed: Iterable[Because]) -> list[Reason]:
    line = current_server().texts.line
    return [(each.text, None if each.way is None else line(each.way)) for each in listed]
