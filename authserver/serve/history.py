"""Write down each clients.yaml that goes live here, unless another worker or node has."""

import socket
from collections.abc import Callable

from authserver.clients.live import LiveRegistry
from authserver.history.arrival import Arrival
from authserver.history.record import record
from authserver.maintenance import Task
from authserver.master_key import MasterKey
from authserver.store.database import Database

# How often, in seconds, a worker looks whether it has a new file: at nothing but its own memory.
INTERVAL = 1.0


def history(database: Database, master: MasterKey, now: Callable[[], int], live: LiveRegistry) -> Task:
    """A task for every worker; of all that take a file, one writes it down. `now` gives seconds since the epoch."""
    node, written = socket.gethostname(), None

    def look(_stopped: object) -> None:
        nonlocal written
        arrival: Arrival = live.arrival
        if arrival != written and record(database, master, arrival, node, now()):
            written = arrival

    return Task("history", look, INTERVAL, at_once=True)
