"""Letters as jobs of the outbox: they go to one mail server, over one connection at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from authserver.events import emit
from authserver.mail import JOB, Writer, smtp
from authserver.mail.envelope import Envelope
from authserver.mail.message import routed
from authserver.outbox.kind import About, Deliver, Kind, Payload
from authserver.store import Connection, outbox
from authserver.store.upkeep import left

# A message takes at most this many steps of `smtp_timeout`.
STEPS = 12
MOST_TAKEN_OVER = 1000


class Letters(Kind):
    """A refused recipient is one letter's fault; without an answer of the mail server all of them wait."""

    name: ClassVar[str] = JOB

    def __init__(self, writer: Writer) -> None:
        self._settings, self._now = writer.settings, writer.now
        self.lease = STEPS * writer.settings.smtp_timeout
        self.life = writer.settings.mail_patience

    @property
    def obstacle(self) -> str | None:
        return None if self._settings.smtp_host else "mails wait until AUTHSERVER_SMTP_HOST is set"

    @contextmanager
    def connected(self, destination: str) -> Iterator[Deliver]:  # noqa: ARG002 - there is one mail server
        with smtp.connected(self._settings) as carrier:
            yield lambda about, payload: carrier.send(Envelope.of(payload).message, routed(about["to"]))

    def done(self, connection: Connection, about: About, payload: Payload) -> None:
        emit("mail:message:sent", sub=payload["sub"], within=connection, kind=about["kind"], to=about["to"])

    def abandoned(self, connection: Connection, about: About, payload: Payload | None, reason: str) -> None:
        sub, kind, to = payload["sub"] if payload else None, about["kind"], about["to"]
        emit("mail:message:abandoned", sub=sub, within=connection, kind=kind, to=to, reason=reason)

    def take_over(self, connection: Connection) -> None:
        now = self._now()
        for each in left.take_letters(connection, now, MOST_TAKEN_OVER):
            about, times = (
                {"kind": each.template, "to": each.to_address},
                {"created_at": each.created_at, "due_at": now},
            )
            outbox.add(connection, JOB, "", about, each.sealed, attempts=each.attempts, **times)
