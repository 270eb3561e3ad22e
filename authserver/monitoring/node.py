"""The parent's part of monitoring: the port, and what is answered there."""

import os
import threading

from authserver import health
from authserver.monitoring import probes
from authserver.monitoring.listener import Listener, Page
from authserver.monitoring.questions import ALIVE, Desk


class Node:
    """Listens on its port from the start; `desk` is where workers report."""

    def __init__(self, address: str, port: int) -> None:
        self.desk = Desk()
        self._listener = Listener(address, port, {health.ALIVE: self._alive, health.READY: self._ready})
        # Held while something is asked: a worker that is forked meanwhile would inherit what is open then.
        self._asking = threading.Lock()
        os.register_at_fork(
            before=self._asking.acquire, after_in_parent=self._asking.release, after_in_child=self._in_worker
        )
        self._listener.start()

    def _alive(self) -> Page:
        with self._asking:
            return probes.alive(self.desk.ask(ALIVE, probes.TIMEOUT))

    def _ready(self) -> Page:
        with self._asking:
            return probes.ready(self.desk.ask(probes.READY, probes.TIMEOUT))

    def _in_worker(self) -> None:
        self._listener.socket.close()
        self.desk.forget()
        self._asking.release()
