"""A request enters the application when it has arrived whole, and only a few at a time.

granian gives every request a thread at once, so a slow sender costs a thread that waits, not one that works.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from http import HTTPStatus
from io import BytesIO
from threading import BoundedSemaphore
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog

from authserver.http.aside import leave
from authserver.store.engine.turns import Turns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = structlog.get_logger("authserver")

Reading = Callable[[Any, int], bytes]
Observe = Callable[["WSGIEnvironment", str, float], None]

# Seconds that a request waits for its turn. Later all who work hang on something, such as a database that says nothing.
PATIENCE = 10.0
# So many pages wait at most: each takes one of the threads that read requests, of which machines need some, too.
MOST_WAITING = 256
# So many requests that bring a file are in a process at a time, each with all of it in memory.
MOST_LARGE = 4


class Gate:
    """The WSGI application behind at most `threads` at a time, who take turns in the order of arrival.

    Machines and people have a lane each, so that no flood of sign-ins holds up a token: `is_machine` tells by the path
    which it is, and pages get half of as many places again. `read(stream, size)` reads a body, and `most` tells of how
    many bytes, where some requests may bring more than `max_body`: they are admitted to few places of their own.
    `free` are paths that need no turn: what hangs on nothing is answered whatever the others hang on. `observe` is told
    of each answer: the request, the status line and the seconds since its last byte. With `tells_time` each answer says
    in `Server-Timing` how long it took.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        threads: int,
        max_body: int,
        read: Reading,
        *,
        is_machine: Callable[[str], bool] = lambda _path: True,
        most: Callable[["WSGIEnvironment"], int] | None = None,
        free: Collection[str] = frozenset(),
        observe: Observe | None = None,
        tells_time: bool = False,
    ) -> None:
        self._application = application
        self._free = free
        self._max_body = max_body
        self._read = read
        self._observe = observe
        self._tells_time = tells_time
        self._is_machine = is_machine
        self._most = most
        self._large = BoundedSemaphore(MOST_LARGE)
        self._machines, self._pages = Turns(threads), Turns(max(1, threads // 2))

    @property
    def queues(self) -> dict[str, Turns]:
        """Where requests wait."""
        return {"machines": self._machines, "pages": self._pages}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not self._is_large(environ):
            return self._handle(self._receive(environ, self._max_body), environ, start_response)
        if not self._large.acquire(blocking=False):
            return self._handle(HTTPStatus.SERVICE_UNAVAILABLE, environ, start_response)
        try:
            most = self._most(environ) if self._most else self._max_body
            return self._handle(self._receive(environ, most), environ, start_response)
        finally:
            self._large.release()

    def _is_large(self, environ: "WSGIEnvironment") -> bool:
        length = environ.get("CONTENT_LENGTH") or "0"
        if self._most is None or not (length.isascii() and length.isdigit()):
            return False
        return self._max_body < int(length) <= self._most(environ)

    def _handle(
        self, refusal: HTTPStatus | None, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if self._observe is None and not self._tells_time:
            return self._admit(refusal, environ, start_response)
        began, said = perf_counter(), ""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal said
            said = status
            if self._tells_time:
                headers = [*headers, ("Server-Timing", f"app;dur={(perf_counter() - began) * 1000:.1f}")]
            return start_response(status, headers, *rest)

        try:
            return self._admit(refusal, environ, start)
        finally:
            if self._observe is not None:
                self._observe(environ, said, perf_counter() - began)

    def _admit(
        self, refusal: HTTPStatus | None, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if refusal:
            return _refuse(refusal, environ, start_response, ("Connection", "close"))
        path = environ.get("PATH_INFO", "")
        if path in self._free:
            return self._answer(environ, start_response)
        lane = self._machines if self._is_machine(path) else self._pages
        is_full = lane is self._pages and lane.waiting >= MOST_WAITING
        if is_full or not lane.take(PATIENCE):
            return _refuse(HTTPStatus.SERVICE_UNAVAILABLE, environ, start_response, ("Retry-After", "5"))
        token = leave.set(partial(_outside, lane))
        try:
            return self._answer(environ, start_response)
        finally:
            leave.reset(token)
            lane.give()

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        chunks = self._application(environ, start_response)
        try:
            # A list leaves in one piece with its length; an iterator would leave in chunks, with a thread waiting.
            return list(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()

    def _receive(self, environ: "WSGIEnvironment", most: int) -> HTTPStatus | None:
        """Put the whole body in the place of the stream; the status of a refusal if it cannot be had."""
        length = environ.get("CONTENT_LENGTH")
        if environ.get("HTTP_TRANSFER_ENCODING"):
            # granian ends a broken chunked body like a whole one, and half a form must not be taken for all of it.
            return HTTPStatus.LENGTH_REQUIRED
        body = b""
        if length and length != "0":
            if not (length.isascii() and length.isdigit()):
                return HTTPStatus.BAD_REQUEST
            # A body past the limit is left unread: the application refuses it by its length.
            if int(length) <= most:
                body = self._read(environ["wsgi.input"], int(length))
                if len(body) != int(length):
                    return HTTPStatus.BAD_REQUEST
        environ["wsgi.input"] = BytesIO(body)
        return None


@contextmanager
def _outside(lane: Turns) -> Iterator[None]:
    # Who is outside already cannot leave once more, or one request would give two places away.
    token = leave.set(nullcontext)
    lane.give()
    try:
        yield
    finally:
        lane.take()
        leave.reset(token)


def _refuse(
    status: HTTPStatus, environ: "WSGIEnvironment", start_response: "StartResponse", header: tuple[str, str]
) -> list[bytes]:
    _log.info("http:refused", method=environ["REQUEST_METHOD"], path=environ["PATH_INFO"], status=status.value)
    start_response(f"{status.value} {status.phrase}", [("Content-Length", "0"), header])
    return []
