"""The parent's part of monitoring: the port, and what is answered there."""

import os
import threading

from authserver import health
from authserver.monitoring import names, probes
from authserver.monitoring.exposition import Sums, decoded
from authserver.monitoring.listener import Listener, Page
from authserver.monitoring.questions import ALIVE, Desk
from authserver.monitoring.worker import BACKLOG, COUNTED, Watched

METRICS = "/metrics"


class Node:
    """Listens on its port from the start; `desk` is where workers report."""

    def __init__(self, address: str, port: int) -> None:
        self.desk = Desk()
        pages = {health.ALIVE: self._alive, health.READY: self._ready, METRICS: self._metrics}
        self._listener = Listener(address, port, pages)
        self._sums = Sums(names.ALL)
        # Held while something is asked: a worker that is forked meanwhile would inherit what is open then.
        self._asking = threading.Lock()
        os.register_at_fork(
            before=self._asking.acquire, after_in_parent=self._asking.release, after_in_child=self._in_worker
        )
        self._listener.start()

    def watched(self) -> Watched:
        """In a worker: what answers for it from now on."""
        return Watched(self.desk)

    def _alive(self) -> Page:
        with self._asking:
            return probes.alive(self.desk.ask(ALIVE, probes.TIMEOUT))

    def _ready(self) -> Page:
        with self._asking:
            return probes.ready(self.desk.ask(probes.READY, probes.TIMEOUT))

    def _metrics(self) -> Page:
        with self._asking:
            workers = self.desk.ask(COUNTED, probes.TIMEOUT)
            ready = probes.state(self.desk.ask(probes.READY, probes.TIMEOUT))
            backlog = self.desk.ask(BACKLOG, probes.TIMEOUT, most=1)
        snapshots = {pid: decoded(said) if said else None for pid, said in workers.items()}
        return self._sums.page(snapshots, [ready, *(decoded(said) for said in backlog.values() if said)])

    def _in_worker(self) -> None:
        self._listener.socket.close()
        self.desk.forget()
        self._asking.release()
