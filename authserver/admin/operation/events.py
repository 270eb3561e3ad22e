"""`/admin/events`: the audit events, the newest first; filtered, followed, and taken along as a file."""

import json
from collections.abc import Iterator
from dataclasses import asdict, fields

from flask import Response, request

from authserver.admin.administrator import Administrator, administers, refused, shown
from authserver.admin.facts import facts
from authserver.admin.typed import typed
from authserver.events.names import WHEN
from authserver.pages.current import current_server
from authserver.protocol.spreadsheet import line
from authserver.server import Server
from authserver.store import events as store
from authserver.store.events import Event, EventFilter

SHOWN = 50
# Of a file.
STEP, MOST = 500, 100_000
NEWEST = 2**62
# Seconds between two looks of somebody who follows.
PAUSE = 5


@administers("read:events")
def events(administrator: Administrator) -> Response:
    """Show a page of events."""
    wanted, row = asked_for(), _row()
    with current_server().database.read() as connection:
        found = store.earlier(connection, wanted, SHOWN + 1, row)
    is_followed = request.args.get("follow") == "y" and row == NEWEST
    response = shown(
        "events",
        administrator,
        current="events",
        rows=[(each, facts(each)) for each in found[:SHOWN]],
        wanted=wanted,
        query={name: text for name, text in asdict(wanted).items() if text},
        names=sorted(WHEN),
        following=found[SHOWN - 1].id if len(found) > SHOWN else None,
        is_followed=is_followed,
    )
    if is_followed:
        # Asked for by a link, and ended by another.
        response.headers["Refresh"] = str(PAUSE)
    return response


def asked_for() -> EventFilter:
    """The events that the query names."""
    return EventFilter(*(typed(request.args, name) for name in ("name", "sub", "client_id", "request_id")))


def _row() -> int:
    row = request.args.get("before", "")
    return int(row) if row.isascii() and row.isdigit() and len(row) < 19 else NEWEST


@administers("export:users", fresh="admin_events", is_always_fresh=True)
def export(administrator: Administrator) -> Response:
    """Give the newest events that the query names, 100,000 at most; read while they are sent, as JSON lines or CSV."""
    if not administrator.may("read:events"):
        return refused()
    is_table = request.args.get("as") == "csv"
    wanted = asked_for()
    server = current_server()
    # Kept before anything is read: what is sent afterwards cannot be taken back.
    with server.database.write() as connection:
        administrator.change(connection).note(
            "server:events:exported",
            None,
            events=wanted.name,
            about=wanted.sub,
            client=wanted.client_id,
            request=wanted.request_id,
        )
    found = _found(server, wanted)
    lines = _rows(found) if is_table else (json.dumps(_as_json(event)) + "\n" for event in found)
    name, kind = ("events.csv", "text/csv") if is_table else ("events.jsonl", "application/jsonl")
    return Response(lines, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _as_json(event: Event) -> dict[str, object]:
    return asdict(event) | {"detail": json.loads(event.detail)}


def _rows(found: Iterator[Event]) -> Iterator[str]:
    yield line(each.name for each in fields(Event))
    for event in found:
        yield line(asdict(event).values())


def _found(server: Server, wanted: EventFilter) -> Iterator[Event]:
    row = NEWEST
    for _ in range(MOST // STEP):
        with server.database.read() as connection:
            found = store.earlier(connection, wanted, STEP, row)
        yield from found
        if len(found) < STEP:
            return
        row = found[-1].id
