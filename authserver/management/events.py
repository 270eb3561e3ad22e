"""The audit events, the newest first."""

import json

from authserver.management.call.cursor import after, cursor_of
from authserver.management.call.inputs import EventsQuery
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.outputs import EventRecord, EventsPage
from authserver.server import Reply
from authserver.store import events

_NEWEST = 2**62


def _list(call: Call) -> Reply:
    query: EventsQuery = call.query
    chosen = events.EventFilter(query.name or "", query.sub or "", query.client_id or "", query.request_id or "")
    last = after(query.cursor)
    row = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else _NEWEST
    with call.server.database.read() as connection:
        found = events.earlier(connection, chosen, query.limit + 1, row)
    items = [
        EventRecord(
            id=each.id,
            at=each.at,
            name=each.name,
            sub=each.sub,
            client_id=each.client_id,
            address=each.address,
            request_id=each.request_id,
            detail=json.loads(each.detail),
        )
        for each in found[: query.limit]
    ]
    following = cursor_of(str(items[-1].id)) if len(found) > query.limit else None
    return given(EventsPage(items=items, next=following))


OPERATIONS = (
    Operation("GET", "/events", "listEvents", "Read audit events", "read:events", _list, EventsQuery, gives=EventsPage),
)
