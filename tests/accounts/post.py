"""The mails that a server has queued, as somebody reads them."""

import re
from dataclasses import dataclass

from authserver.accounts.mailed_code_job import MailedCode
from authserver.accounts.recovery import HEAD_START, Recovery
from authserver.mail.message import routed
from authserver.outbox.sender import Sender
from authserver.server import Server
from tests.accounts.site import ISSUER, Site
from tests.mail.post import queued


@dataclass(frozen=True)
class Letter:
    """One mail: its template, its address and its text."""

    kind: str
    to: str
    text: str

    @property
    def link(self) -> str:
        """The path of the link that it holds."""
        found = re.search(rf"{ISSUER}(/(?:verify|reset|invite)\?\S+)", self.text)
        assert found, self.text
        return found[1]

    @property
    def code(self) -> str:
        """The six digits that it holds."""
        found = re.search(r"^ *(\d{6})\s*$", self.text, re.MULTILINE)
        assert found, self.text
        return found[1]


def letters(site: Site) -> list[Letter]:
    """Every mail that was queued, the oldest first."""
    server = site.app.server
    answer_recoveries(server)
    waiting = queued(server.database, server.master)
    for each in waiting:
        assert each.message["To"].addresses[0].addr_spec == routed(each.to)
    return [Letter(each.kind, each.to, each.text) for each in waiting]


def answer_recoveries(server: Server, later: int = HEAD_START) -> None:
    """Look up who forgot a password or asked for a code, as the sender does when the answers have left."""
    kinds = (Recovery(server), MailedCode(server))
    sender = Sender(server.database, server.master, lambda: server.now() + later, kinds)
    sender.turn()
    sender.settle()


def letter(site: Site, kind: str) -> Letter:
    """The last mail, which is of this kind."""
    last = letters(site)[-1]
    assert last.kind == kind
    return last
