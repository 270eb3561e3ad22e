"""What a worker knows when it is asked: what it has counted, who waits in it, its keys, its version of clients.yaml."""

import os
import platform
import resource
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from authserver.clients.live import LiveRegistry
from authserver.monitoring import names
from authserver.monitoring.counts import Metric, Series, Snapshot
from authserver.outbound.cached import FETCHES
from authserver.server import Server
from authserver.signin import password
from authserver.store.clock import DatabaseClock
from authserver.store.engine.turns import Turns

STATM = Path("/proc/self/statm")
Value = tuple[Metric, tuple[str, ...], float]


def counted() -> Snapshot:
    """What was counted so far, by the name of the metric."""
    return {each.metric.name: each.taken() for each in names.COUNTED}


def state(server: Server, live: LiveRegistry, gate: Mapping[str, Turns]) -> Snapshot:
    """How the worker stands now."""
    return collected(_values(server, live, gate))


def collected(values: Iterator[Value]) -> Snapshot:
    """Single values by the name of their metric."""
    found: dict[str, Series] = {}
    for metric, labels, value in values:
        found.setdefault(metric.name, {})[labels] = [value]
    return found


def _values(server: Server, live: LiveRegistry, gate: Mapping[str, Turns]) -> Iterator[Value]:
    for queue, turns in {**gate, **server.database.queues}.items():
        yield names.QUEUE_WAITING, (queue,), turns.waiting
        yield names.QUEUE_WAITS, (queue,), turns.waits
        yield names.QUEUE_WAITED, (queue,), turns.waited
        yield names.QUEUE_REFUSED, (queue,), turns.refused
    hasher = password.shared(server.settings)
    yield names.QUEUE_WAITING, ("passwords",), hasher.waiting
    yield names.QUEUE_REFUSED, ("passwords",), hasher.refused
    yield names.POOL_IN_USE, (), server.database.queues["pool"].taken
    yield names.EVENTS_WAITING, (), server.recorder.waiting
    for outcome in ("ok", "failed"):
        yield names.FETCHES, (outcome,), FETCHES[outcome]
    clock = server.clock
    yield names.CLOCK_SKEW, (), abs(clock.skew) if isinstance(clock, DatabaseClock) else 0
    yield names.CPU, (), sum(os.times()[:2])
    if STATM.exists():
        yield names.MEMORY, (), int(STATM.read_text().split()[1]) * resource.getpagesize()
    yield names.CLIENTS_INFO, (live.current.version,), 1
    yield names.CLIENTS_REFUSED, (), bool(live.faults)
    yield names.BUILD_INFO, _build(), 1
    now = server.now()
    # Of several keys in one state, the oldest and the one that is due first.
    for stage in sorted(server.keys.stages(now), key=lambda each: each.since, reverse=True):
        yield names.KEY_AGE, (stage.alg, stage.state), now - stage.since
        yield names.KEY_LEFT, (stage.alg, stage.state), stage.until - now


@cache
def _build() -> tuple[str, str]:
    return version("authserver"), platform.python_version()
