"""Log lines: one JSON object each, from this package and from every library it runs.

A line carries `timestamp` (UTC), `level`, `event`, `pid`, the version of clients.yaml and what is bound with
`structlog.contextvars` (a request's `request_id`). Query strings and secrets are never handed to a logger.
"""

import json
import logging
import os
import select
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import orjson
import structlog
from structlog.contextvars import merge_contextvars
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

if TYPE_CHECKING:
    from authserver.settings import Settings

# At DEBUG Authlib writes whole tokens, and urllib3 whole URLs; Alembic names its plugins at INFO.
AT_LEAST = {"authlib": logging.INFO, "urllib3": logging.INFO, "alembic": logging.WARNING}

_clients_version: Callable[[], str | None] = lambda: None  # noqa: E731 - replaced by show_clients_version


def configure(settings: "Settings", stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream`, by default standard output."""
    stream = stream or sys.stdout
    is_json = settings.log_format == "json"
    render: Processor = _render_json if is_json else _for_a_console(stream)
    last: Processor = structlog.processors.format_exc_info if is_json else _on_one_line
    shared: list[Processor] = [merge_contextvars, _stamp, last]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=_Lines(stream.buffer) if is_json else structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    _configure_libraries(settings.log_level, stream, shared, _as_text(render))


class _Lines:
    """Lines as bytes, each written at once by one call of the system, without a buffer and without a lock.

    Who wrote under a lock would give Python's up for the length of the call, and everybody who logs meanwhile would
    wait for both. Up to 4096 bytes, no line gets into another (pipe(7), PIPE_BUF), whichever process writes it.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream: BinaryIO = getattr(stream, "raw", stream)
        self._write = self._stream.write

    def __call__(self, *_names: object) -> "_Lines":
        return self

    def msg(self, line: bytes) -> None:
        rest = line + b"\n"
        while rest:
            written = self._write(rest)
            # A program that shares a pipe can have set it so that nobody waits in a call where it is full.
            if written is None:
                self._wait()
            rest = rest[written or 0 :]

    def _wait(self) -> None:
        """Until more is taken, or nobody reads any more, which the next call says."""
        full = select.poll()
        full.register(self._stream, select.POLLOUT)
        full.poll()

    debug = info = warning = error = critical = exception = msg


def speak_to_a_person() -> None:
    """For a command, which says itself what it did: only what is amiss, and that as a sentence on standard error."""
    structlog.configure(
        processors=[merge_contextvars, _amiss, structlog.processors.format_exc_info, _sentence],
        wrapper_class=structlog.BoundLogger,
        # Asked anew for each line: a command that is called from a program has a stream of its own.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def show_clients_version(version: Callable[[], str | None]) -> None:
    """Let every later line carry what `version()` returns at that moment."""
    global _clients_version  # noqa: PLW0603 - one process has one registry
    _clients_version = version


def report_uncaught() -> None:
    """Write exceptions that nothing caught, and Python warnings, as log lines instead of bare text."""
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda fault: _log_uncaught(
        fault.exc_type, fault.exc_value or fault.exc_type(), fault.exc_traceback
    )


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    structlog.get_logger("authserver").error("process:uncaught", exc_info=(kind, error, trace))


def _amiss(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    if method in {"debug", "info"}:
        raise structlog.DropEvent
    return event


def _sentence(_logger: WrappedLogger, method: str, event: EventDict) -> str:
    name = str(event.pop("event")).replace(":", " ").replace("_", " ")
    facts = ", ".join(f"{key} {value}" for key, value in event.items() if value is not None)
    return "authserver: " + ("warning: " if method == "warning" else "") + _printable(f"{name}: {facts}")


def _stamp(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": method,
        **event,
        "pid": os.getpid(),
        "clients_version": _clients_version(),
    }


def _on_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # The console renderer quotes values with white space in them, and writes every other, and the event, as it is.
    event["event"] = str(event["event"])
    return {name: _printable(value) if isinstance(value, str) else value for name, value in event.items()}


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> bytes:
    try:
        line = orjson.dumps(event, default=str)
    except TypeError:  # a lone surrogate, a key that is no string, an integer past 64 bits
        return json.dumps(event, default=str, skipkeys=True).encode()
    # Some readers end a line at U+2028 or U+0085 too: outside ASCII everything is escaped.
    return line if line.isascii() else json.dumps(orjson.loads(line)).encode()


def _as_text(render: Processor) -> Processor:
    def as_text(logger: WrappedLogger, method: str, event: EventDict) -> str:
        line: Any = render(logger, method, event)
        return line.decode() if isinstance(line, bytes) else str(line)

    return as_text


def _for_a_console(stream: TextIO) -> Processor:
    # Where rich is installed, a traceback would show the values of local variables, and some of those are secrets.
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)


def _configure_libraries(level: str, stream: TextIO, shared: list[Processor], render: Processor) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[_name_level, ExtraAdder(), *shared],
            processors=[ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in AT_LEAST.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    logging.getLogger("_granian").addFilter(lambda record: "spawning up to" not in record.msg)


def _name_level(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    event["level"] = record.levelname.lower()
    event["logger"] = record.name
    return event
