"""The mail with a link to reset a password: made once for each request, whichever process comes to it first."""

import structlog
from structlog.contextvars import bound_contextvars

from authserver import mail
from authserver.events import emit, recorder
from authserver.server import Server
from authserver.store import links, reset_requests, users
from authserver.store.database import UNAVAILABLE
from authserver.store.reset_requests import ResetRequest
from authserver.store.users import User

# The process that was asked has long answered by then, or is gone.
PATIENCE = 10
MOST_AT_ONCE = 100
_log = structlog.get_logger("authserver")


def answer_request(server: Server, key: int) -> None:
    """Queue the mail that a request asks for, if it names somebody who may have one.

    Taking the request and queueing the mail are one transaction: a killed process leaves both undone.
    """
    with server.database.write() as connection:
        asked = reset_requests.take(connection, key)
        if asked is None:
            return
        user = users.by_login(connection, asked.login)
        if user is not None and user.email is not None and user.disabled_at is None:
            lifetime = server.settings.reset_lifetime
            token = links.make(connection, "reset", user.email, server.now(), lifetime, sub=user.sub)
            link = f"{server.settings.issuer}/reset?token={token}"
            mail.queue(connection, server, "reset", user.email, user=user, link=link, lifetime=lifetime)
    _tell(asked, user)


def answer_waiting(server: Server) -> None:
    """Answer the requests that another process left behind, or that this one had no time for.

    One that cannot be answered waits for the next turn, and keeps no other waiting.
    """
    recorder.set(server.recorder)
    past = 0
    for _ in range(MOST_AT_ONCE):
        with server.database.read() as connection:
            key = reset_requests.waiting(connection, server.now() - PATIENCE, past)
        if key is None:
            return
        past = key
        try:
            answer_request(server, key)
        except UNAVAILABLE:
            raise
        except Exception:
            _log.exception("resets:failed")


def _tell(asked: ResetRequest, user: User | None) -> None:
    with bound_contextvars(address=asked.address, request_id=asked.request_id):
        emit("user:reset:requested", sub=user.sub if user else None)
