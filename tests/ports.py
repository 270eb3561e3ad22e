"""Ports for servers that tests start as processes of their own."""

import fcntl
import os
import random
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

# Where systems give outgoing connections their ports from, one may be gone again before the server listens.
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Browsers refuse some ports below.
_LOWEST = 10_100
# A port is free until its server listens: so each is locked by one process of all that run tests, until it ends.
_LOCKS = Path(tempfile.gettempdir()) / f"authserver-ports-{os.getuid()}"
_random = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on, and that nothing is given by chance."""
    highest = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 0
    if highest < 2 * _LOWEST:
        highest = 32_768
    found: set[int] = set()
    while len(found) < count:
        port = _random.randrange(_LOWEST, highest)
        if _is_locked(port):
            with suppress(OSError), socket.create_server(("127.0.0.1", port)):
                found.add(port)
    return [*found]


def free_port() -> int:
    """One such port."""
    return free_ports(1)[0]


def _is_locked(port: int) -> bool:
    """Whether the port is this process's from now on; False where another has it, or this one had it already."""
    _LOCKS.mkdir(exist_ok=True)
    lock = os.open(_LOCKS / str(port), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    return True
