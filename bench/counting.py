"""What metrics cost a request, in microseconds of CPU: `python -m bench.counting`.

The gate with and without its observer around an application that does nothing, and an event with and without its
listener. In one thread, the best of many rounds: what a paired run of whole requests would drown in noise.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

import structlog

from authserver.clients.live import LiveRegistry
from authserver.events import emit, listen
from authserver.monitoring.heard import Heard
from authserver.monitoring.labels import Clients, Endpoints
from authserver.monitoring.requests import Requests
from authserver.serve.gate import Gate
from bench import scene

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TIMES, ROUNDS = 20_000, 15


def main() -> None:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("CRITICAL"))
    with tempfile.TemporaryDirectory(prefix="authserver-counting-") as folder:
        environ, _keys = scene.environment(Path(folder), "sqlite://", 1)
        clients = Clients(LiveRegistry(Path(folder) / "clients.yaml", environ))
    observe = Requests(clients, Endpoints({"/token"}))
    bare, observed = (_requests(Gate(_nothing, 4, 1, _read, observe=each)) for each in (None, observe))
    silent = _best(_event)
    listen(Heard(clients))
    heard = _best(_event)
    sys.stdout.write(f"a request {observed - bare:6.2f} µs\nan event  {heard - silent:6.2f} µs\n")


def _nothing(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    environ["authserver.endpoint"], environ["authserver.client_id"] = "/token", "nightly-job"
    start("200 OK", [])
    return [b""]


def _read(_stream: Any, _size: int) -> bytes:
    return b""


def _requests(gate: Gate) -> float:
    return _best(lambda: gate({"PATH_INFO": "/token", "wsgi.input": BytesIO()}, lambda *_: bytes.__len__))


def _event() -> None:
    emit("token:access_token:issued", client_id="nightly-job", grant_type="client_credentials", jti="x")


def _best(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = process_time()
        for _ in range(TIMES):
            work()
        took.append(process_time() - began)
    return min(took) / TIMES * 1e6


if __name__ == "__main__":
    main()
