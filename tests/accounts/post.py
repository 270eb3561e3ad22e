"""The mails that a server has queued, as somebody reads them."""

import re
from dataclasses import dataclass

from sqlalchemy import select

from authserver.http.afterwards import afterwards
from authserver.mail.envelope import Envelope
from authserver.mail.message import routed
from authserver.store.tables import outbox
from tests.accounts.site import ISSUER, Site


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
    afterwards.settle()
    server = site.app.server
    with server.database.read() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
    found = []
    for row in rows:
        message = Envelope.unseal(row.sealed, server.master).message
        body = message.get_body(("plain",))
        assert body is not None
        assert message["To"].addresses[0].addr_spec == routed(row.to_address)
        found.append(Letter(row.kind, row.to_address, body.get_content()))
    return found


def letter(site: Site, kind: str) -> Letter:
    """The last mail, which is of this kind."""
    last = letters(site)[-1]
    assert last.kind == kind
    return last
