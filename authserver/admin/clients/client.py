"""`/admin/clients/<client_id>`: what one client is, who may and did sign in, what it did, and why it was refused."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from authserver.admin.administrator import Administrator, administers, nobody, shown
from authserver.admin.chart import ISSUED, begin, chart
from authserver.admin.clients.nearest import nearest_registered
from authserver.admin.clients.settings import settings_of
from authserver.admin.facts import facts
from authserver.pages.current import current_server
from authserver.protocol.client.registered import Fit
from authserver.protocol.client.registry import REGISTERED
from authserver.store import Connection, events, users
from authserver.store.allowed import in_use
from authserver.store.events import EventFilter
from authserver.store.registration import clients
from authserver.store.registration.clients import Registered
from authserver.store.users import User

SHOWN, PEOPLE = 50, 20


@administers("read:clients")
def client(administrator: Administrator, client_id: str) -> Response:
    """Show one client."""
    server = current_server()
    found = server.registered.shown(server.registry, client_id)
    if found is None:
        return _unfit(administrator, client_id)
    now, recent, tokens, people = server.now(), list[events.Event](), None, list[User]()
    with server.database.read() as connection:
        living = in_use.people(connection, client_id, now)
        row = clients.find(connection, client_id) if found.self_registered else None
        if administrator.may("read:events"):
            recent = events.newest(connection, EventFilter(client_id=client_id), SHOWN)[::-1]
            times = events.times(connection, ISSUED, begin(now), client_id=client_id)
            tokens = chart(times, now)
            people = _people(connection, client_id) if administrator.may("read:users") else []
    return shown(
        "client",
        administrator,
        current="clients",
        client=found,
        line=server.texts.line(way) if (way := server.texts.way_to(client_id)) else None,
        apis=[server.registry.apis[name] for name in found.apis],
        registered=row,
        metadata=_as_text(row.metadata) if row else None,
        fit=_fit(row) if row else Fit(),
        living=living,
        tokens=tokens,
        people=people,
        recent=[(each, _said(each, nearest_registered(server.registry, found, each))) for each in recent],
        settings=settings_of(server.settings.issuer, found),
    )


def _unfit(administrator: Administrator, client_id: str) -> Response:
    """One that registered itself by a clients.yaml of before, which the one in force does not take."""
    if not client_id.startswith(REGISTERED) or not client_id.isprintable():
        return nobody()
    now = current_server().now()
    with current_server().database.read() as connection:
        row = clients.find(connection, client_id)
        living = in_use.people(connection, client_id, now)
    if row is None:
        return nobody()
    return shown(
        "unfit_client",
        administrator,
        current="clients",
        registered=row,
        metadata=_as_text(row.metadata),
        fit=_fit(row),
        living=living,
    )


def _fit(row: Registered) -> Fit:
    server = current_server()
    return server.registered.fit(server.registry, row.client_id, row.metadata, row.secret_digest)


def _people(connection: Connection, client_id: str) -> list[User]:
    """Who got tokens last, each once."""
    issued = events.newest(connection, EventFilter(name=ISSUED, client_id=client_id), 10 * PEOPLE)[::-1]
    subs = dict.fromkeys(each.sub for each in issued if each.sub)
    found = (users.get(connection, sub) for sub in list(subs)[:PEOPLE])
    return [each for each in found if each is not None]


def _as_text(metadata: Mapping[str, Any]) -> str:
    """As JSON, in which nothing that a stranger wrote turns the text around it."""
    text = json.dumps(metadata, indent=2, ensure_ascii=False)
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)


def _said(event: events.Event, nearest: str | None) -> list[tuple[str, str]]:
    return [*facts(event), *([("nearest registered", nearest)] if nearest else [])]
