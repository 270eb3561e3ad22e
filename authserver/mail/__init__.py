"""Mail: a message waits sealed in the outbox until a mail server has taken it, so none is lost while that is down.

RFC 5321 (SMTP): https://www.rfc-editor.org/rfc/rfc5321
RFC 3834 (automatic messages): https://www.rfc-editor.org/rfc/rfc3834
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from flask_babel import get_locale

from authserver import outbox
from authserver.languages import choose
from authserver.mail.envelope import Envelope
from authserver.mail.message import compose
from authserver.master_key import MasterKey
from authserver.settings import Settings
from authserver.store import Connection

# The name of the jobs that letters are.
JOB = "mail"


class Writer(Protocol):
    """Who has letters sent, such as the running server."""

    settings: Settings
    master: MasterKey

    def now(self) -> int:
        """Seconds since the epoch."""


def queue(connection: Connection, writer: Writer, template: str, to: str, **context: Any) -> None:
    """Have a message sent to one address, once the caller's transaction is kept.

    `template` is a file of templates/mail/ without its ending. `user` among the context is whom it is about: the
    message is in their language, or else in that of the page.
    """
    post_of(writer).put(connection, writer.now(), template, to, context)


@dataclass(frozen=True, slots=True)
class Post:
    """What writes letters, with a server or without one. `master` gives the key that they lie sealed under."""

    settings: Settings
    master: Callable[[], MasterKey]

    def put(self, connection: Connection, now: int, template: str, to: str, context: dict[str, Any]) -> None:
        """As `queue`."""
        user = context.get("user")
        page = get_locale()
        language = choose(
            [user.profile["locale"] if user else None, str(page) if page else None], self.settings.language
        )
        message = compose(self.settings, template, to, now, context, language)
        payload = Envelope(user.sub if user else None, message).payload
        outbox.put(connection, self.master(), JOB, payload, now, about={"kind": template, "to": to})


def post_of(writer: Writer) -> Post:
    """The letters of a running server."""
    return Post(writer.settings, lambda: writer.master)
