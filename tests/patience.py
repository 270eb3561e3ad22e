"""How long a test waits for what must come true. A busy machine is slow, not wrong."""

import time
from collections.abc import Callable
from typing import TypeVar

from authserver import application, health
from authserver.clients import sectors
from authserver.doctor import certificate, site
from authserver.guard.issuer import fetch
from authserver.logout import call
from authserver.serve import gate
from authserver.signin import password
from authserver.store import database
from authserver.store.engine import connections

# Seconds. Waiting so long is a failure; how long it took is never one.
PATIENCE = 180.0
PAUSE = 0.02
T = TypeVar("T")


def eventually(holds: Callable[[], T], pause: float = PAUSE) -> T:
    """Ask until the answer is true, with a pause in between, and give it; fail after a long while."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := holds()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(pause)
    return answer


def lend_patience() -> None:
    """What the product gives up after a few seconds, it waits for as long as a test does."""
    health.TIMEOUT = PATIENCE
    connections.TIMEOUT = PATIENCE
    database.BUSY_TIMEOUT_MS = int(PATIENCE * 1000)
    password.PATIENCE = PATIENCE
    fetch.TIMEOUT_SECONDS = PATIENCE
    application.REDIS_TIMEOUT = int(PATIENCE)
    gate.PATIENCE = PATIENCE
    call.TIMEOUT = PATIENCE
    sectors.TIMEOUT = PATIENCE
    certificate.TIMEOUT = site.TIMEOUT = int(PATIENCE)
