"""Traces: what a span tells, where it goes, and that nothing of it is loaded where there are none."""

import gzip
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from typing import Any, ClassVar

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from werkzeug.test import Client

from authserver.monitoring.labels import Clients, Endpoints
from authserver.monitoring.traces import Traces
from authserver.outbound import trace as outgoing
from authserver.serve import prepare
from authserver.serve.prepare import PrepareError
from tests.conftest import make_settings
from tests.flows.conftest import *  # noqa: F403 - the whole server
from tests.flows.provider import Provider
from tests.patience import PATIENCE, eventually
from tests.serve.conftest import CLIENTS_YAML, Start, start

__all__ = ["start"]
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
FROM_PROXY = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-Id": "0123456789abcdef"}


class Told:
    """A server whose spans are kept here."""

    def __init__(self, provider: Provider) -> None:
        server = provider.app.server
        self.spans = InMemorySpanExporter()
        processor = SimpleSpanProcessor(self.spans)
        self.traces = Traces(server, Clients(server._registry), Endpoints.of(provider.app), processor)
        self.client = Client(self.traces.around(provider.app.wsgi_app), use_cookies=False)

    def ask(self, method: str, path: str, address: str = "10.1.2.3", **request: Any) -> list[ReadableSpan]:
        self.spans.clear()
        self.client.open(path, method=method, environ_base={"REMOTE_ADDR": address}, **request)
        return list(self.spans.get_finished_spans())


@pytest.fixture
def told(make_provider: Any) -> Iterator[Told]:
    told = Told(make_provider(trusted_proxies="10.0.0.0/8"))
    yield told
    told.traces.close()
    outgoing._watchers.clear()


def described(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


FORM = {"grant_type": "refresh_token", "refresh_token": "a-secret-value", "client_id": "dashboard"}


def test_a_request_and_its_statements_are_spans_of_the_trace_that_the_proxy_began(told: Told) -> None:
    *groups, request = told.ask("POST", "/token?x=hidden", data=FORM, headers=FROM_PROXY)
    assert request.name == "POST /token"
    assert request.parent is not None
    assert (f"{request.context.trace_id:032x}", f"{request.parent.span_id:016x}") == (TRACE, PARENT)
    assert described(request) == {
        "http.request.method": "POST",
        "http.route": "/token",
        "http.response.status_code": 400,
        "authserver.client": "dashboard",
        "authserver.request_id": "0123456789abcdef",
    }
    assert groups
    for group in groups:
        assert group.name == "database"
        assert group.parent is not None
        assert group.parent.span_id == request.context.span_id


def test_no_span_holds_what_was_sent(told: Told) -> None:
    spans = told.ask("POST", "/token?x=hidden", data=FORM) + told.ask("GET", "/nowhere/at-all?code=hidden")
    assert spans
    text = "".join(span.to_json() for span in spans)
    assert [part for part in ("hidden", "a-secret-value", "at-all") if part in text] == []


def test_a_trace_of_a_stranger_is_not_gone_on_with(told: Told) -> None:
    (*_, request) = told.ask("GET", "/userinfo", "198.51.100.7", headers=FROM_PROXY)
    assert request.parent is None
    assert f"{request.context.trace_id:032x}" != TRACE


def test_a_call_to_others_carries_the_span_that_it_is(told: Told) -> None:
    with outgoing.around_call("GET", "id.example.com") as header:
        pass
    (call,) = told.spans.get_finished_spans()
    assert header == f"00-{call.context.trace_id:032x}-{call.context.span_id:016x}-{call.context.trace_flags:02x}"
    assert described(call) == {"http.request.method": "GET", "server.address": "id.example.com"}


class Collector(BaseHTTPRequestHandler):
    names: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.names.extend(span.name for scope in resource.scope_spans for span in scope.spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Nobody reads it."""


def test_a_running_server_hands_its_spans_to_the_collector(start: Start) -> None:
    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        server = start(otel_endpoint=f"http://127.0.0.1:{collector.server_port}")
        httpx.post(f"http://127.0.0.1:{server.port}/token", data=FORM | {"client_id": "phone"}, timeout=PATIENCE)
        eventually(lambda: {"POST /token", "database"} <= set(Collector.names))
        server.process.terminate()
        server.process.wait(PATIENCE)
        collector.shutdown()


def test_without_the_setting_nothing_of_it_is_loaded() -> None:
    look = "import sys, authserver.serve.parent; print([name for name in sys.modules if 'opentelemetry' in name])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout.strip() == "[]"


def test_without_the_packages_the_start_says_what_to_install(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clients.yaml").write_text(CLIENTS_YAML)
    monkeypatch.setattr(prepare, "find_spec", lambda name: None if "opentelemetry" in name else find_spec(name))
    settings = make_settings(
        otel_endpoint="http://localhost:4318", clients_file=tmp_path / "clients.yaml", keys_dir=tmp_path, port=1
    )
    with pytest.raises(PrepareError, match=r"pip install authserver\[otel\]"):
        prepare.prepared(settings)
