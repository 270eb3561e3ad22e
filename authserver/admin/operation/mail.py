"""`/admin/mail`: what waits to be sent, and what became of the last letters."""

from flask import Response

from authserver.admin.administrator import Administrator, administers, shown
from authserver.admin.facts import facts
from authserver.admin.operation.letters import letters
from authserver.pages.current import current_server
from authserver.store import events, outbox
from authserver.store.events import EventFilter

SHOWN = 30


@administers("read:events")
def mail(administrator: Administrator) -> Response:
    """Show the queue by kind, and the last events of mail. No letter is shown: a link in it would be somebody's."""
    server = current_server()
    with server.database.read() as connection:
        waiting = outbox.waiting(connection)
        recent = events.newest(connection, EventFilter(name="mail:"), SHOWN)[::-1]
        dead = events.newest(connection, EventFilter(name="mail:message:abandoned"), SHOWN)[::-1]
    return shown(
        "mail",
        administrator,
        current="mail",
        waiting=waiting,
        most_waiting=outbox.MOST_COUNTED,
        rows=[(each, facts(each)) for each in recent],
        dead=[(each, facts(each)) for each in dead],
        letters=letters(),
        host=server.settings.smtp_host,
    )
