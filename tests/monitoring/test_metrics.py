"""Metrics: right across workers, and no larger for what strangers send."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from authserver.monitoring import counts, names
from authserver.monitoring.counts import Counter, Histogram, Metric, Snapshot
from authserver.monitoring.exposition import Sums, decoded, encoded
from authserver.monitoring.heard import Heard
from authserver.monitoring.labels import Clients
from tests.clients.files import load_text
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import Running, Start, start

__all__ = ["start"]
# Of what needs no traffic.
EVERY_KIND = {metric.name for metric in (*names.WORKER, *names.DATABASE, *names.PARENT)}
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    """What a page of metrics says, read by a foreign parser: by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(port: int) -> Samples:
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return samples(answer.text)


def value(found: Samples, name: str, **labels: str) -> float:
    """The sum of all series of a name that have these labels."""
    return sum(number for (each, has), number in found.items() if each == name and labels.items() <= dict(has).items())


def heard(port: int, workers: int = 1) -> Samples:
    """What is scraped once all workers answer: on a busy machine one may be silent for the seconds that it is given."""

    def whole() -> list[Samples]:
        found = scraped(port)
        answering = value(found, "authserver_workers", state="serving"), value(found, "authserver_clients_info")
        return [found] if answering == (workers, workers) and kinds(found) >= EVERY_KIND else []

    return eventually(whole)[0]


def kinds(found: Samples) -> set[str]:
    return {name.removesuffix("_total") for name, _labels in found}


def refresh(server: Running, client_id: str) -> None:
    """A request of its own connection, so that any worker may get it."""
    form = {"grant_type": "refresh_token", "refresh_token": "unknown", "client_id": client_id}
    assert httpx.post(f"http://127.0.0.1:{server.port}/token", data=form, timeout=PATIENCE).is_client_error


def test_requests_are_counted_over_all_workers_and_over_one_that_was_killed(start: Start) -> None:
    port = free_port()
    server = start(monitoring_port=port, workers=2)
    for _ in range(20):
        refresh(server, "phone")
    of_phone = {"endpoint": "/token", "client": "phone", "status": "400"}
    counted = heard(port, workers=2)
    assert value(counted, "authserver_requests_total", **of_phone) == 20
    assert value(counted, "authserver_request_seconds_count", endpoint="/token", answer="4xx") == 20
    assert value(counted, "authserver_request_seconds_bucket", endpoint="/token", answer="4xx", le="+Inf") == 20
    killed = server.workers()[0]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: killed not in server.workers() and len(server.workers()) == 2)
    for _ in range(4):
        refresh(server, "phone")
    assert value(heard(port, workers=2), "authserver_requests_total", **of_phone) == 24


def test_every_metric_that_needs_no_traffic_is_there_from_the_start(start: Start) -> None:
    port = free_port()
    start(monitoring_port=port)
    found = heard(port)
    assert kinds(found) >= EVERY_KIND
    assert value(found, "authserver_ready") == 1
    assert value(found, "authserver_check_ok", check="writes") == 1
    assert value(found, "authserver_key_left_seconds", alg="RS256", state="active") > 0


def test_nothing_that_a_stranger_sends_becomes_a_label(start: Start) -> None:
    port = free_port()
    server = start(monitoring_port=port)
    before = len(heard(port))

    def send(text: str) -> None:
        refresh(server, text)
        for path in (f"/{text}", f"/sign-in/{text}", f"/api/{text}", f"/token/{text}"):
            server.get(path)
            httpx.request("BREW", f"http://127.0.0.1:{server.port}{path}", timeout=PATIENCE)

    send("first")
    once = heard(port)
    for number in range(20):
        send(f"stranger-{number}")
    after = heard(port)
    assert not [labels for _name, labels in after if "stranger" in str(labels)]
    assert before < len(once) == len(after)
    assert value(once, "authserver_requests_total", endpoint="/token", client="unknown", status="401") == 1


def test_the_clients_that_are_told_apart_are_the_first_of_the_file(tmp_path: Path) -> None:
    declared = "\n".join(
        f"  - {{client_id: c{number}, name: C, type: native, redirect_uris: [http://127.0.0.1/callback]}}"
        for number in range(1005)
    )

    class Source:
        current = load_text(tmp_path, f"apis: {{}}\nroles: {{}}\nclients:\n{declared}\n").registry

    label = Clients(Source())
    assert [label("c0"), label("c999"), label("c1000"), label("nobody"), label(None)] == [
        "c0",
        "c999",
        "other",
        "unknown",
        "",
    ]


def test_a_metric_has_a_last_bound_on_its_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MOST_SERIES", 3)
    counter = Counter(Metric("m", "counter", "", ("a", "b")))
    for number in range(10):
        counter.add(str(number), "x")
    assert len(counter.taken()) == 4
    assert counter.taken()[("other", "other")] == [7]


@pytest.mark.parametrize(
    ("event", "detail", "metric", "labels"),
    [
        ("token:access_token:issued", {"grant_type": "refresh_token"}, names.TOKENS, ("refresh_token", "portal")),
        ("token:refresh_token:retried", {}, names.REFRESH_RETRIES, ("portal",)),
        ("token:refresh_token:replayed", {}, names.REPLAYS, ("refresh_token", "portal")),
        ("token:code:replayed", {}, names.REPLAYS, ("code", "portal")),
        ("token:device_code:replayed", {}, names.REPLAYS, ("device_code", "portal")),
        ("user:factor:failed", {}, names.SIGN_IN_REFUSALS, ("wrong_second_factor",)),
        ("user:passkey:failed", {}, names.SIGN_IN_REFUSALS, ("passkey",)),
        ("user:login:succeeded", {}, names.SIGN_INS, ("portal",)),
        ("user:login:failed", {}, names.SIGN_IN_REFUSALS, ("wrong_password",)),
        ("user:login:throttled", {}, names.SIGN_IN_REFUSALS, ("throttled",)),
        ("user:login:refused", {"reason": "denied"}, names.SIGN_IN_REFUSALS, ("provider_denied",)),
        (
            "client:authentication:failed",
            {"reason": "wrong or expired secret"},
            names.CLIENT_REFUSALS,
            ("wrong_secret", "portal"),
        ),
    ],
)
def test_an_event_is_counted_as_what_it_is(
    event: str, detail: Mapping[str, str], metric: Counter, labels: tuple[str, ...]
) -> None:
    def number(of: Counter, values: tuple[str, ...]) -> float:
        return of.taken().get(values, [0.0])[0]

    before = number(metric, labels), number(names.EVENTS, (event,))
    Heard(lambda client_id: client_id or "")(event, "portal", detail)  # type: ignore[arg-type]
    assert (number(metric, labels), number(names.EVENTS, (event,))) == (before[0] + 1, before[1] + 1)


def test_a_sum_never_shrinks_and_a_silent_worker_has_no_gauges() -> None:
    counter, histogram = Counter(Metric("c", "counter", "")), Histogram(Metric("h", "histogram", ""))
    gauge = Metric("g", "sum", "")
    counter.add()
    histogram.observe(0.3)
    one: Snapshot = decoded(encoded({"c": counter.taken(), "h": histogram.taken(), "g": {(): [5.0]}}))
    sums = Sums((counter.metric, histogram.metric, gauge))

    def told(workers: Mapping[int, Snapshot | None]) -> tuple[float, float, float]:
        found = samples(sums.page(workers, ()).body.decode())
        return value(found, "c_total"), value(found, "h_bucket", le="0.5"), value(found, "g")

    assert told({1: one, 2: one}) == (2, 2, 10)
    assert told({1: one, 2: None}) == (2, 2, 5)
    assert told({1: one}) == (2, 2, 5)
    assert told({1: one, 3: one}) == (3, 3, 10)
