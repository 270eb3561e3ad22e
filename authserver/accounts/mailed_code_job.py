"""Codes to sign in by, as jobs of the outbox: whoever may have one is looked up when the answer has left.

So the time of no answer tells whether there is an account (OWASP ASVS 5 §6.3.8). https://owasp.org/ASVS
"""

from typing import ClassVar

from structlog.contextvars import bound_contextvars

from authserver import mail, outbox
from authserver.events import emit
from authserver.outbox.kind import About, Kind, Payload
from authserver.server import Server
from authserver.store import Connection, links, users
from authserver.store.links import Kind as LinkKind

JOB = "sign_in_code"
KIND: LinkKind = "sign_in"
LIFETIME, DIGITS = 600, 8
# As of a forgotten password: a clock of whole seconds.
HEAD_START = 2


def ask(
    connection: Connection, server: Server, login: str, browser: bytes, address: str | None, request_id: str | None
) -> str:
    """Have a code sent to whoever has this `login`; returns the handle of the page in the browser that asked.

    Costs the same whoever that is.
    """
    now = server.now()
    sent = links.make_with_page(
        connection, KIND, "", now, LIFETIME, browser=browser, detail={"login": login}, digits=DIGITS
    )
    payload = {
        "login": login,
        "page": sent.handle,
        "code": sent.code,
        "ends": now + LIFETIME,
        "address": address,
        "request_id": request_id,
    }
    outbox.put(connection, server.master, JOB, payload, now, delay=HEAD_START)
    return sent.handle


class MailedCode(Kind):
    """After its ten minutes it is given up: nobody could use it."""

    name: ClassVar[str] = JOB
    life: int = LIFETIME

    def __init__(self, server: Server) -> None:
        self._server = server

    def done(self, connection: Connection, about: About, payload: Payload) -> None:  # noqa: ARG002 - as every kind
        """Queue the mail, if there is somebody whose address is proven, and let the code be theirs."""
        server = self._server
        user, now = users.by_login(connection, payload["login"]), server.now()
        email = user.email if user is not None and user.email_verified and user.disabled_at is None else None
        if user is not None and email is not None and links.give(connection, payload["page"], user.sub, email, now):
            lifetime = payload["ends"] - now
            code = payload["code"]
            mail.queue(connection, server, "sign_in_code", email, user=user, code=code, lifetime=lifetime)
        with bound_contextvars(address=payload["address"], request_id=payload["request_id"]):
            emit("user:code:requested", sub=user.sub if user else None, within=connection)
