"""The mails that arrived, in a folder; each is written whole before the sender hears that it was taken."""

import mailbox
import re
from base64 import b64encode
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

SHOWN = 50
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text; `is_link` where it can be opened."""

    text: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What the page shows of a mail."""

    subject: str
    recipient: str
    date: str
    text: tuple[Part, ...]
    key: str


class Letters:
    """A Maildir, which several processes may write to."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, create=True)

    def add(self, content: bytes) -> None:
        """Keep a mail."""
        self._box.add(content)

    def newest(self) -> list[Letter]:
        """The last fifty, newest first."""
        # The names begin with the time of arrival.
        keys = sorted(self._box.keys(), reverse=True)[:SHOWN]
        return [_letter(key, self._box.get_bytes(key)) for key in keys]

    def html(self, key: str) -> str | None:
        """A mail as a mail program shows it: its pictures travel with it, its links open in the whole window."""
        if key not in self._box:
            return None
        message: Any = message_from_bytes(self._box.get_bytes(key), policy=policy.default)
        body = message.get_body(("html",))
        if body is None:
            return None
        text = str(body.get_content()).replace("<head>", '<head><base target="_top">', 1)
        for part in message.walk():
            if part.get_content_maintype() == "image" and part["Content-ID"]:
                picture = b64encode(part.get_payload(decode=True)).decode()
                text = text.replace(
                    f"cid:{part['Content-ID'].strip('<>')}", f"data:{part.get_content_type()};base64,{picture}"
                )
        return text


class Inbox:
    """What the mail server does with a message, in the names of aiosmtpd."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._letters.add(cast("bytes", envelope.original_content))
        return "250 Kept; nothing leaves this machine"


def _letter(key: str, content: bytes) -> Letter:
    message: Any = message_from_bytes(content, policy=policy.default)
    body: EmailMessage | None = message.get_body(("plain",))
    text = body.get_content() if body else ""
    return Letter(str(message["Subject"]), str(message["To"]), str(message["Date"]), tuple(_parts(text)), key)


def _parts(text: str) -> list[Part]:
    parts, last = [], 0
    for found in LINK.finditer(text):
        parts += [Part(text[last : found.start()], False), Part(found[0], True)]
        last = found.end()
    return [*parts, Part(text[last:], False)]
