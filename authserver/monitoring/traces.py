"""Traces for OpenTelemetry: a span for each request, each group of statements, and each call to others.

Imported only where `otel_endpoint` is set. Sampling, names and headers follow OpenTelemetry's own OTEL_… variables. A
span tells what is in the log at most: the registered path, never a query, a body, or a header.
https://opentelemetry.io/docs/specs/semconv/http/http-spans/
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode, TraceFlags
from structlog.contextvars import bound_contextvars

from authserver.clients.live import LiveRegistry
from authserver.http import identity
from authserver.http.address import is_trusted
from authserver.monitoring.labels import Clients, Endpoints
from authserver.outbound.trace import watch_calls
from authserver.pages.app import App
from authserver.server import Server
from authserver.store import Connection

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Traces:
    """The spans of one process, for as long as it runs."""

    def __init__(self, server: Server, client: Clients, endpoint: Endpoints, processor: SpanProcessor) -> None:
        ours = {"service.name": "authserver", "service.version": version("authserver")}
        # What the environment says goes before.
        self._provider = TracerProvider(resource=Resource(ours).merge(OTELResourceDetector().detect()))
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("authserver")
        self._server, self._client, self._endpoint = server, client, endpoint
        self._trusted = server.settings.trusted_proxies
        self._groups: dict[Connection, Span] = {}
        server.database.watch(self)
        watch_calls(self._call)

    def close(self) -> None:
        """Send what waits, and end."""
        self._provider.shutdown()

    def around(self, application: "WSGIApplication") -> "WSGIApplication":
        """The application with a span for each request."""

        def traced(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            with self._request(environ) as span, bound_contextvars(trace_id=_trace_id(span)):
                return application(environ, _noting(span, start_response))

        return traced

    def began(self, connection: Connection) -> None:
        """A group of statements begins on this connection."""
        if trace.get_current_span().is_recording():
            system = {"db.system.name": connection.dialect.name}
            self._groups[connection] = self._tracer.start_span("database", kind=SpanKind.CLIENT, attributes=system)

    def ended(self, connection: Connection) -> None:
        """It is over, committed or not."""
        if span := self._groups.pop(connection, None):
            span.end()

    @contextmanager
    def _request(self, environ: "WSGIEnvironment") -> Iterator[Span]:
        is_from_proxy = bool(self._trusted) and is_trusted(environ.get("REMOTE_ADDR", ""), self._trusted)
        context, asked_by = None, identity.trace(environ, is_from_proxy=is_from_proxy)
        if asked_by is not None:
            flags = TraceFlags(TraceFlags.SAMPLED if asked_by.is_sampled else TraceFlags.DEFAULT)
            remote = SpanContext(int(asked_by.trace_id, 16), int(asked_by.parent_id, 16), True, flags)
            context = trace.set_span_in_context(NonRecordingSpan(remote))
        method = environ["REQUEST_METHOD"]
        with self._tracer.start_as_current_span(method, context, SpanKind.SERVER) as span:
            try:
                yield span
            finally:
                route = self._endpoint(environ.get("authserver.endpoint"), environ.get("PATH_INFO", ""))
                span.update_name(f"{method} {route}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", route)
                if client := self._client(environ.get("authserver.client_id")):
                    span.set_attribute("authserver.client", client)
                if request_id := environ.get("authserver.request_id"):
                    span.set_attribute("authserver.request_id", request_id)

    @contextmanager
    def _call(self, method: str, host: str) -> Iterator[str]:
        asked = {"http.request.method": method, "server.address": host}
        with self._tracer.start_as_current_span(method, kind=SpanKind.CLIENT, attributes=asked) as span:
            context = span.get_span_context()
            yield f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def begun(app: App, live: LiveRegistry, endpoint: str) -> Traces:
    """Those of an application, on their way to a collector in batches, from a thread of their own."""
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    return Traces(app.server, Clients(live), Endpoints.of(app), BatchSpanProcessor(exporter))


def _trace_id(span: Span) -> str:
    return f"{span.get_span_context().trace_id:032x}"


def _noting(span: Span, start_response: "StartResponse") -> Callable[..., Any]:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        span.set_attribute("http.response.status_code", int(status[:3]))
        if status.startswith("5"):
            span.set_status(StatusCode.ERROR)
        return start_response(status, headers, *rest)

    return start
