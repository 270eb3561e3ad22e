"""A real mail server for tests, and the outbox of an application."""

import json
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope as Received
from sqlalchemy import select

from authserver import mail
from authserver.mail.envelope import Envelope
from authserver.mail.letters import Letters
from authserver.master_key import MasterKey
from authserver.outbox.sender import Sender
from authserver.server import Server
from authserver.store.database import Database
from authserver.store.tables import events, jobs
from tests.patience import PATIENCE
from tests.ports import free_port


@dataclass
class Letterbox:
    """What arrived, and what the server answers to a recipient (`recipient`) or a message (`data`)."""

    messages: list[EmailMessage] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    recipient: str = "250 OK"
    data: str = "250 OK"
    arrived: Event = field(default_factory=Event)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Received, address: str, options: list[str]
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Received) -> str:  # noqa: N802
        if self.data.startswith("250"):
            message = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
            self.messages.append(message)
            self.received.append(envelope)
            self.arrived.set()
        return self.data


class MailServer:
    """aiosmtpd on a fixed port of the loopback: it can go down and come back."""

    def __init__(self, **options: Any) -> None:
        self.port = free_port()
        self.box = Letterbox()
        self._options = options
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(
            self.box, hostname="127.0.0.1", port=self.port, ready_timeout=PATIENCE, **self._options
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


@dataclass(frozen=True)
class Queued:
    """A letter that waits: its template (`kind`), whom it goes to, the person it is about, and when it was written."""

    id: int
    kind: str
    to: str
    sub: str | None
    message: EmailMessage
    created_at: int

    @property
    def text(self) -> str:
        """The words of it."""
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


def rows(database: Database) -> list[Any]:
    """The jobs that wait, the oldest first."""
    with database.read() as connection:
        return list(connection.execute(select(jobs).order_by(jobs.c.id)))


def queued(database: Database, master: MasterKey) -> list[Queued]:
    """The letters that wait, the oldest first."""
    found = []
    for row in rows(database):
        if row.kind == mail.JOB:
            about, envelope = json.loads(row.about), Envelope.of(json.loads(master.unseal(row.sealed)))
            letter = Queued(row.id, about["kind"], about["to"], envelope.sub, envelope.message, row.created_at)
            found.append(letter)
    return found


def sender_of(server: Server, **options: Any) -> Sender:
    """What sends the letters of a server."""
    return Sender(server.database, server.master, server.now, [Letters(server)], **options)


def send_due(sender: Sender) -> None:
    """Send what is due now, and wait until that is done."""
    sender.turn()
    assert sender.settle(PATIENCE)


def told(database: Database) -> list[str]:
    """The names of the events in the table."""
    with database.read() as connection:
        return [row.name for row in connection.execute(select(events.c.name).order_by(events.c.id))]
