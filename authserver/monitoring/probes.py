"""Liveness and readiness of a whole node, from what each worker says of itself.

Alive: every worker answers. Ready: one at least serves, and none of those that serve lacks what it needs. A worker that
waits for its database to begin is alive, and serves nobody yet.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from authserver.monitoring import names
from authserver.monitoring.counts import Snapshot
from authserver.monitoring.listener import Page

# Longer than the checks of a worker may take.
TIMEOUT = 3.0
READY = "ready"
STARTING = b"starting"
DRAINING = "draining"
Said = Mapping[int, bytes | None]


def alive(said: Said) -> Page:
    """Whether each worker answers."""
    silent = [str(pid) for pid, answer in said.items() if answer is None]
    if silent:
        return Page(503, "text/plain", f"no answer from worker {', '.join(silent)}\n".encode())
    return Page(200, "text/plain", b"ok") if said else Page(503, "text/plain", b"no worker runs\n")


def ready(said: Said) -> Page:
    """What `/readyz` of each worker says, taken together; and how many serve, start and are silent."""
    body = _together(said)
    return Page(200 if body["status"] == "ready" else 503, "application/json", orjson.dumps(body))


def state(said: Said) -> Snapshot:
    """The same as metrics."""
    body = _together(said)
    return {
        names.READY.name: {(): [float(body["status"] == "ready")]},
        names.CHECK.name: {(check,): [float(found == "ok")] for check, found in body["checks"].items()},
        names.WORKERS.name: {(name,): [float(count)] for name, count in body["workers"].items()},
    }


def _together(said: Said) -> dict[str, Any]:
    serving = [orjson.loads(answer) for answer in said.values() if answer not in {None, STARTING}]
    silent = sum(answer is None for answer in said.values())
    is_ready = bool(serving) and not silent and all(each["status"] == "ready" for each in serving)
    is_draining = any(each["status"] == DRAINING for each in serving)
    checks: dict[str, str] = {}
    warnings: dict[str, None] = {}
    for each in serving:
        checks |= {name: state for name, state in each["checks"].items() if checks.get(name, "ok") == "ok"}
        warnings |= dict.fromkeys(each.get("warnings", ()))
    body: dict[str, Any] = {
        "status": "ready" if is_ready else DRAINING if is_draining else "unavailable",
        "clients_version": " ".join(sorted({each["clients_version"] for each in serving})),
        "checks": checks,
        "workers": {"serving": len(serving), "starting": len(said) - len(serving) - silent, "silent": silent},
    }
    if warnings:
        body["warnings"] = list(warnings)
    return body
