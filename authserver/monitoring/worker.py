"""A worker's part of monitoring: what it answers when the parent asks."""

from collections.abc import Mapping

import orjson

from authserver.clients.live import LiveRegistry
from authserver.events import listen
from authserver.health import Readiness
from authserver.monitoring.backlog import Backlog
from authserver.monitoring.exposition import encoded
from authserver.monitoring.heard import Heard
from authserver.monitoring.labels import Clients, Endpoints
from authserver.monitoring.probes import READY, STARTING
from authserver.monitoring.questions import Answer, Desk
from authserver.monitoring.requests import Requests
from authserver.monitoring.state import counted, state
from authserver.pages.app import App
from authserver.store.engine.turns import Turns

COUNTED, BACKLOG = "counted", "backlog"


class Watched:
    """One worker, from before its application is there."""

    def __init__(self, desk: Desk) -> None:
        self._answers: dict[str, Answer] = {READY: lambda: STARTING, COUNTED: lambda: encoded(counted())}
        desk.report(self._answers)

    def requests(self, app: App, live: LiveRegistry) -> Requests:
        """What counts the requests of this application; its events are counted from now on."""
        clients = Clients(live)
        listen(Heard(clients))
        return Requests(clients, Endpoints.of(app))

    def serves(self, app: App, live: LiveRegistry, queues: Mapping[str, Turns]) -> None:
        """The application is there."""
        server, readiness = app.server, Readiness(app.server)
        backlog = Backlog(server, [kind.name for kind in app.kinds])
        self._answers[COUNTED] = lambda: encoded({**counted(), **state(server, live, queues)})
        self._answers[BACKLOG] = lambda: encoded(backlog())
        self._answers[READY] = lambda: orjson.dumps(readiness.report()[1])
