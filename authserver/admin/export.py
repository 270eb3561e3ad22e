"""`/admin/events/export`: the same events as a file, one JSON object a line."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from flask import Response

from authserver.admin.administrator import Administrator, administers
from authserver.admin.events import NEWEST, asked_for
from authserver.pages.current import current_server
from authserver.server import Server
from authserver.store import events
from authserver.store.events import EventFilter

STEP, MOST = 500, 100_000


@administers("read:events")
def export(_administrator: Administrator) -> Response:
    """Give the newest events that the query names, 100,000 at most; read while they are sent."""
    lines = _lines(current_server(), asked_for())
    headers = {"Content-Disposition": 'attachment; filename="events.jsonl"'}
    return Response(lines, mimetype="application/jsonl", headers=headers)


def _lines(server: Server, wanted: EventFilter) -> Iterator[str]:
    row = NEWEST
    for _ in range(MOST // STEP):
        with server.database.read() as connection:
            found = events.earlier(connection, wanted, STEP, row)
        for event in found:
            yield json.dumps(asdict(event) | {"detail": json.loads(event.detail)}) + "\n"
        if len(found) < STEP:
            return
        row = found[-1].id
