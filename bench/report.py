"""The figures as a table for people and as JSON for machines."""

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from bench.measure import Measured, Plan, Round

# Ratios that are reached for. With ES256 a path must give at least twice what it gives with RS256.
TARGETS = {
    "refresh": 0.25,
    "refresh, ES256": 0.50,
    "client credentials": 0.50,
    "client credentials, ES256": 1.0,
    "code flow": 0.16,
    "code flow, ES256": 0.32,
    "introspection": 1.4,
    "userinfo": 1.7,
    "PAR": 0.5,
    "refresh, DPoP": 0.20,
    "refresh, DPoP, ES256": 0.35,
    "device poll": 0.5,
    "token exchange": 0.4,
    "token exchange, ES256": 0.6,
    "client credentials, EdDSA": 1.0,
    "private_key_jwt, ES256": 0.25,
    "JWT bearer, ES256": 0.25,
    "JWKS": 6,
    "discovery": 6,
}
# What the peer is not asked: it has other clients.
OURS_ALONE = frozenset(
    {
        *("PAR", "device poll", "token exchange", "token exchange, ES256", "client credentials, EdDSA"),
        *("refresh, DPoP", "refresh, DPoP, ES256", "private_key_jwt, ES256", "JWT bearer, ES256"),
    }
)
START_TARGET = 0.8
MEMORY_TARGET = 110
# The most that the p99 of a path may be, as a multiple of its p50.
TAIL = 2.0
COLUMNS = (
    f"{'':26}{'ratio':>7}{'target':>8}{'':3}{'units/cpu s':>12}{'× peer':>8}"
    f"{'µs':>7}{'DB µs':>7}{'busy':>6}{'p50 ms':>8}{'p99 ms':>8}"
)
PACKAGES = ("authlib", "cryptography", "flask", "granian", "joserfc", "psycopg", "sqlalchemy")


def table(measured: list[Measured], peer: Measured | None) -> str:
    """Every path with every database, what a worker needs, and the peer where there is one."""
    parts = [_of_database(each, peer) for each in measured]
    if peer is not None:
        parts.append("\n".join(_paths(peer, None)))
    return "\n\n".join((*parts, LEGEND))


LEGEND = """\
ratio        units for each CPU second of the server's processes, for each RSA-2048 signature of the same core
target       what is reached for; ✓ where it is
units/cpu s  units for each CPU second of server and database together; × peer: as a multiple of the peer's
µs, DB µs    CPU time of a unit in the server, and in the database's own processes
p50, p99     how long a unit took, with --connections of them at a time; ✓ where p99 is at most twice p50
busy         share of its core that the server used: below 100 % it waited for the disk, the database or the generator
A unit is a request; of the code flow it is GET /authorize and POST /token."""


def _of_database(measured: Measured, peer: Measured | None) -> str:
    lines = _paths(measured, peer)
    start = median(measured.starts)
    lines.append(
        f"{'cold start':25}{start:8.2f}{START_TARGET:8.3g} {_mark(start <= START_TARGET):2} "
        f"seconds to the first answer; {measured.first_start:.2f} with migration and new keys"
    )
    for when, memory in (("idle", measured.idle), ("loaded", measured.loaded)):
        lines.append(
            f"{'worker, ' + when:25}{memory.rss:8.0f}{MEMORY_TARGET:8} {_mark(memory.rss <= MEMORY_TARGET):2} "
            f"MB resident, {memory.pss:.0f} proportional"
        )
    return "\n".join(lines)


def _paths(measured: Measured, peer: Measured | None) -> list[str]:
    rows = {path: measured.middle(path) for path in measured.paths}
    signatures = median(row.signatures_per_second for row in rows.values())
    lines = [f"{measured.database}, beside {signatures:.0f} RSA-2048 signatures a second", COLUMNS]
    return lines + [_line(path, row, peer) for path, row in rows.items()]


def _line(path: str, row: Round, peer: Measured | None) -> str:
    times = f"{row.whole / peer.middle(path).whole:8.2f}" if peer is not None and path in peer.paths else f"{'':8}"
    tail = _mark(row.slowest_milliseconds <= TAIL * row.median_milliseconds)
    return (
        f"{path:26}{row.ratio:7.3g}{TARGETS[path]:8.3g} {_mark(row.ratio >= TARGETS[path]):2}{row.whole:12.0f}{times}"
        f"{row.worker_microseconds + row.others_microseconds:7.0f}{row.database_microseconds:7.0f}{row.busy:6.0%}"
        f"{row.median_milliseconds:8.2f}{row.slowest_milliseconds:8.2f} {tail}"
    ).rstrip()


def _mark(is_reached: bool) -> str:
    return "✓" if is_reached else ""


def write_json(path: Path, measured: list[Measured], peer: Measured | None, plan: Plan) -> None:
    """Everything, each round too, with what is needed to compare it with another day's."""
    model = next((line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), "")
    content: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()},
        "python": sys.version.split()[0],
        "packages": {name: version(name) for name in PACKAGES},
        "plan": plan,
        "targets": TARGETS,
        "databases": {each.database: each.as_dict() for each in measured},
        "peer": peer.as_dict() if peer is not None else None,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []
