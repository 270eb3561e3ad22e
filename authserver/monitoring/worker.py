"""A worker's part of monitoring: what it answers when the parent asks."""

from collections.abc import Callable

import orjson

from authserver.health import Readiness
from authserver.monitoring.probes import READY, STARTING
from authserver.monitoring.questions import Answer, Desk
from authserver.server import Server


class Watched:
    """One worker, from before its application is there."""

    def __init__(self, desk: Desk) -> None:
        self._answers: dict[str, Answer] = {READY: lambda: STARTING}
        desk.report(self._answers)

    def serves(self, server: Server) -> None:
        """Its application is there."""
        self._answers[READY] = _report(Readiness(server))


def _report(readiness: Readiness) -> Callable[[], bytes]:
    return lambda: orjson.dumps(readiness.report()[1])
