"""How the two example applications listen: threads, loopback only, one line in the log for each request."""

import logging
import sys
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import make_server

log = logging.getLogger("examples")


def serve(app: WSGIApplication, port: int) -> None:
    """Serve until the process is ended."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    # Werkzeug logs whole query strings, and with them authorization codes; the line below leaves them out.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    make_server("127.0.0.1", port, _logged(app), threaded=True).serve_forever()


def _logged(app: WSGIApplication) -> WSGIApplication:
    def logged(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun = time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
            took = (time.perf_counter() - begun) * 1000
            # repr: a path cannot forge a line.
            log.info("%s %r %s %.0f ms", environ["REQUEST_METHOD"], environ["PATH_INFO"], status[:3], took)
            return start_response(status, headers, *rest)  # type: ignore[arg-type]

        return app(environ, start)  # type: ignore[arg-type]

    return logged
