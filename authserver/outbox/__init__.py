"""What must still reach somebody: jobs that are put down in the transaction of what they tell of, and outlive it.

A job is done at least once, in no order. A kind of job (`kind.py`) says how it is delivered and what is told of it; the
sender (`sender.py`) does the rest. What is to be delivered lies sealed, whichever kind it is of.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from authserver.store import Connection, outbox


class Sealer(Protocol):
    """The key under which payloads lie."""

    def seal(self, data: bytes) -> bytes:
        """Encrypt and authenticate."""

    def try_unseal(self, sealed: bytes) -> bytes | None:
        """What was sealed, or None where the key is another."""


def put(
    connection: Connection,
    sealer: Sealer,
    kind: str,
    payload: Mapping[str, Any],
    now: int,
    *,
    destination: str = "",
    about: Mapping[str, str] | None = None,
    delay: int = 0,
) -> None:
    """Have a job done, `delay` seconds after the second `now` at the soonest, once the caller's transaction is kept.

    Jobs for one `destination` hold up none for another. `about` is what an event may say of it, should nothing more be
    known; `payload` is what is delivered: both are JSON.
    """
    sealed = sealer.seal(json.dumps(payload).encode())
    outbox.add(connection, kind, destination, about or {}, sealed, created_at=now, due_at=now + delay)
