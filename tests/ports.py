"""Ports for servers that tests start as processes of their own."""

import os
import random
import socket
from contextlib import suppress
from pathlib import Path

# Where systems give outgoing connections their ports from, one may be gone again before the server listens.
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Browsers refuse some ports below.
_LOWEST = 10_100
# A port is free until its server listens: so test processes share none, and none is given twice.
_PROCESSES = 8
_process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _PROCESSES
_given: set[int] = set()
_random = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on, and that nothing is given by chance."""
    highest = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 0
    if highest < 2 * _LOWEST:
        highest = 32_768
    found: set[int] = set()
    while len(found) < count:
        port = _random.randrange(_LOWEST + _process, highest, _PROCESSES)
        if port in _given:
            continue
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.add(port)
            _given.add(port)
    return [*found]


def free_port() -> int:
    """One such port."""
    return free_ports(1)[0]
