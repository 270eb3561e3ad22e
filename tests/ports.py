"""Ports for servers that tests start as processes of their own."""

import random
import socket
from contextlib import suppress
from pathlib import Path

# Where systems give outgoing connections their ports from, one may be gone again before the server listens.
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Browsers refuse some ports below.
_LOWEST = 10_100
_random = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on, and that nothing is given by chance."""
    highest = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    found: set[int] = set()
    while len(found) < count:
        port = _random.randrange(_LOWEST, highest)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.add(port)
    return [*found]


def free_port() -> int:
    """One such port."""
    return free_ports(1)[0]
