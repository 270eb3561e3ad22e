"""What an attempt at a provider holds while the browser is away: sealed, since it holds secrets."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import structlog

from authserver.server import Server

UNREADABLE = "sealed under a master key that is not given any more"
_log = structlog.get_logger("authserver")


@dataclass(frozen=True, slots=True)
class Demand:
    """How fresh the sign-in at the provider must be: at most `max_age` seconds old, or made for this very attempt."""

    max_age: int | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What an answer is checked against, and where the person goes then.

    `sub` is who is to be linked or must prove to be; `vouched` what the provider said of who must prove that.
    """

    verifier: str = field(default="", repr=False)
    nonce: str = field(default="", repr=False)
    handle: str | None = field(default=None, repr=False)
    to: str | None = None
    sub: str | None = None
    demand: Demand | None = None
    target: str | None = None
    vouched: dict[str, Any] | None = None
    tokens: dict[str, Any] | None = field(default=None, repr=False)

    def seal(self, server: Server) -> bytes:
        """For the database."""
        return server.master.seal(json.dumps(asdict(self)).encode())


def unseal(sealed: bytes, server: Server) -> Held | None:
    """What lies in the database; None, and a line in the log, where none of the master keys opens it."""
    opened = server.master.try_unseal(sealed)
    if opened is None:
        _log.warning("federation:attempt_unreadable", reason=UNREADABLE)
        return None
    kept: dict[str, Any] = json.loads(opened)
    demand = kept.pop("demand")
    return Held(demand=Demand(demand["max_age"], demand["anew"]) if demand else None, **kept)
