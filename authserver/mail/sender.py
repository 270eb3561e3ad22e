"""The thread that hands waiting messages to the mail server: each once, however many workers do it."""

import threading

import structlog

from authserver.events import emit, recorder
from authserver.mail import smtp
from authserver.mail.envelope import Envelope
from authserver.mail.message import routed
from authserver.mail.smtp import Carrier, LaterError, NextError, RefusedError
from authserver.master_key import MasterKeyError
from authserver.server import Server
from authserver.store import outbox
from authserver.store.database import UNAVAILABLE
from authserver.store.outbox import Waiting

# How often it looks, in seconds, and how long, longer each time, it leaves a server alone that
# did not answer.
INTERVAL = 1.0
PAUSE, LONGEST_PAUSE = 5.0, 60.0
# A message that was not taken is tried again after 15 s, 30 s, a minute … a quarter of an hour.
FIRST_DELAY, LONGEST_DELAY = 15, 900
# A message takes at most this many steps of `smtp_timeout`; a sender that was killed holds it no longer.
STEPS = 12
MOST_AT_ONCE = 100
OLD_INTERVAL = 60
_log = structlog.get_logger("authserver")


class Sender:
    """One daemon thread of one worker. No fault ends it."""

    def __init__(self, server: Server, interval: float = INTERVAL, pause: float = PAUSE) -> None:
        self._server = server
        self._interval, self._pause = interval, pause
        self._look_for_old_at = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail", daemon=True)

    def start(self) -> None:
        """Begin to send. Without a mail server in the settings messages wait."""
        if self._server.settings.smtp_host is None:
            _log.warning("mail:no_server", advice="mails wait until AUTHSERVER_SMTP_HOST is set")
        self._thread.start()

    def stop(self, timeout: float = 5) -> None:
        """End the thread after the message it sends; wait at most `timeout` seconds for it."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def turn(self) -> bool:
        """Send what is due now and give up what waited too long. False where that did not work. Never raises."""
        try:
            self._give_up_old()
            if self._server.settings.smtp_host is not None:
                self._send_due()
        except LaterError as error:
            _log.warning("mail:server_away", reason=str(error))
        except UNAVAILABLE as error:
            _log.warning("mail:storage_failed", reason=type(error).__name__)
        except Exception:
            _log.exception("mail:failed")
        else:
            return True
        return False

    def _run(self) -> None:
        recorder.set(self._server.recorder)
        wait = self._interval
        while not self._stopped.wait(wait):
            wait = self._interval if self.turn() else min(LONGEST_PAUSE, max(self._pause, 2 * wait))

    def _send_due(self) -> None:
        with self._server.database.read() as connection:
            if not outbox.is_any_due(connection, self._server.now()):
                return
        with smtp.connected(self._server.settings) as carrier:
            for _ in range(MOST_AT_ONCE):
                message = None if self._stopped.is_set() else self._claim()
                if message is None:
                    return
                self._deliver(carrier, message)

    def _give_up_old(self) -> None:
        server, now = self._server, self._server.now()
        if now < self._look_for_old_at:
            return
        self._look_for_old_at = now + OLD_INTERVAL
        with server.database.write() as connection:
            found = outbox.abandon_older(connection, now - server.settings.mail_patience, now, MOST_AT_ONCE)
        for kind, to, reason in found:
            emit("mail:message:abandoned", kind=kind, to=to, reason=reason or "no mail server took it in time")

    def _claim(self) -> Waiting | None:
        server = self._server
        with server.database.write() as connection:
            return outbox.claim(connection, server.now(), STEPS * server.settings.smtp_timeout)

    def _deliver(self, carrier: Carrier, message: Waiting) -> None:
        try:
            envelope = Envelope.unseal(message.sealed, self._server.master)
        except MasterKeyError as error:
            return self._fail(message, str(error))
        try:
            carrier.send(envelope.message, routed(message.to_address))
        except RefusedError as error:
            return self._give_up(message, envelope.sub, str(error))
        except NextError as error:
            return self._fail(message, str(error))
        except LaterError as error:
            self._fail(message, str(error))
            raise
        with self._server.database.write() as connection:
            outbox.sent(connection, message, self._server.now())
        return emit("mail:message:sent", sub=envelope.sub, kind=message.kind, to=message.to_address)

    def _fail(self, message: Waiting, reason: str) -> None:
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(message.attempts - 1, 10))
        with self._server.database.write() as connection:
            outbox.postpone(connection, message, self._server.now() + delay, reason)
        _log.warning("mail:postponed", kind=message.kind, attempts=message.attempts, reason=reason)

    def _give_up(self, message: Waiting, sub: str | None, reason: str) -> None:
        with self._server.database.write() as connection:
            if not outbox.abandon(connection, message):
                return
        emit("mail:message:abandoned", sub=sub, kind=message.kind, to=message.to_address, reason=reason)
