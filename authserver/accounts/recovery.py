"""Forgotten passwords as jobs of the outbox: for each, a mail with a link is made once, by whichever process is first.

Whether there is an account shows in no answer's time: it is looked up when the answer has left (OWASP ASVS 5 §6.3.8).
https://owasp.org/ASVS
"""

from typing import ClassVar

from structlog.contextvars import bound_contextvars

from authserver import outbox, people
from authserver.events import emit
from authserver.outbox.kind import About, Kind, Payload
from authserver.server import Server
from authserver.store import Connection, users
from authserver.store.upkeep import left

JOB = "recovery"
# A clock of whole seconds: it is one at the least.
HEAD_START = 2
# A process of the release before has looked it up itself by then, or is gone.
PATIENCE = 10
MOST_TAKEN_OVER = 1000


def ask(
    connection: Connection,
    server: Server,
    login: str,
    address: str | None,
    request_id: str | None,
    client_id: str | None = None,
) -> None:
    """Have the mail sent that somebody asks for who typed `login`, on the way to a client if it has an id.

    Costs the same whoever that is.
    """
    payload = {"login": login, "address": address, "request_id": request_id, "client_id": client_id}
    outbox.put(connection, server.master, JOB, payload, server.now(), delay=HEAD_START)


class Recovery(Kind):
    """After a day it is given up: whoever asked has long asked again, and would wonder at a mail."""

    name: ClassVar[str] = JOB

    def __init__(self, server: Server) -> None:
        self._server = server

    def done(self, connection: Connection, about: About, payload: Payload) -> None:  # noqa: ARG002 - as every kind
        """Queue the mail, if the request names somebody who may have one."""
        server = self._server
        user = users.by_login(connection, payload["login"])
        with bound_contextvars(address=payload["address"], request_id=payload["request_id"]):
            if user is not None and user.email is not None and user.disabled_at is None:
                change = people.change_of(server, connection)
                people.request_reset(change, user, user.email, client_id=payload.get("client_id"))
            else:
                emit("user:reset:requested", sub=user.sub if user else None, within=connection)

    def take_over(self, connection: Connection) -> None:
        server = self._server
        for each in left.take_resets(connection, server.now() - PATIENCE, MOST_TAKEN_OVER):
            payload = {"login": each.login, "address": each.address, "request_id": each.request_id}
            outbox.put(connection, server.master, JOB, payload, each.created_at)
