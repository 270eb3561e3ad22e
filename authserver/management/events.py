"""The audit events, the newest first."""

import json

from authserver.management.call.asked import EventsAsked
from authserver.management.call.cursor import after, cursor_of
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.shown import Event, EventsPage
from authserver.server import Reply
from authserver.store import events

_NEWEST = 2**62


def _list(call: Call) -> Reply:
    asked: EventsAsked = call.query
    wanted = events.Wanted(asked.name or "", asked.sub or "", asked.client_id or "")
    last = after(asked.cursor)
    row = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else _NEWEST
    with call.server.database.read() as connection:
        found = events.earlier(connection, wanted, asked.limit + 1, row)
    items = [
        Event(
            id=each.id,
            at=each.at,
            name=each.name,
            sub=each.sub,
            client_id=each.client_id,
            address=each.address,
            request_id=each.request_id,
            detail=json.loads(each.detail),
        )
        for each in found[: asked.limit]
    ]
    following = cursor_of(str(items[-1].id)) if len(found) > asked.limit else None
    return given(EventsPage(items=items, next=following))


OPERATIONS = (
    Operation("GET", "/events", "listEvents", "Read audit events", "read:events", _list, EventsAsked, gives=EventsPage),
)
