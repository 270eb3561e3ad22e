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

# Ratios: what is reached for, and what two others gave on the core on which the targets were set:
# oidc-provider of npm over a Redis without durability, and django-oauth-toolkit on PostgreSQL.
TARGETS = {
    "refresh": (0.25, 0.24, 0.021),
    "client credentials": (0.50, 0.54, 0.088),
    "code flow": (0.16, 0.16, 0.015),
    "introspection": (1.4, 1.44, 0.10),
    "userinfo": (1.7, 1.75, 0.13),
    "JWKS": (6, 5.5, 0.61),
    "discovery": (6, 3.4, 0.52),
}
START_TARGET = 1.0
MEMORY_TARGET = 110
COLUMNS = (
    f"{'':20}{'ratio':>8}{'target':>8}{'':3}{'oidc-p.':>8}{'d.o.t.':>8}"
    f"{'units/cpu s':>13}{'µs':>7}{'DB µs':>7}{'busy':>6}{'p50 ms':>8}{'p99 ms':>8}"
)
PACKAGES = ("authlib", "cryptography", "flask", "granian", "joserfc", "psycopg", "sqlalchemy")


def table(measured: list[Measured]) -> str:
    """Every path with every database, and what a worker needs."""
    return "\n\n".join(_of_database(each) for each in measured) + "\n\n" + LEGEND


LEGEND = """\
ratio        units for each CPU second of the server's processes, for each RSA-2048 signature of the same core
target       what is reached for; ✓ where it is
oidc-p.      npm's oidc-provider over a Redis without durability; d.o.t.: django-oauth-toolkit on PostgreSQL
µs, DB µs    CPU time of a unit in the server, and in the database's own processes
p50, p99     how long a unit took, with --connections of them at a time
busy         share of its core that the server used: below 100 % it waited for the disk, the database or the generator
A unit is a request; of the code flow it is GET /authorize and POST /token."""


def _of_database(measured: Measured) -> str:
    rows = {path: measured.middle(path) for path in measured.paths}
    signatures = median(row.signatures_per_second for row in rows.values())
    lines = [f"{measured.database}, beside {signatures:.0f} RSA-2048 signatures a second", COLUMNS]
    lines += [_line(path, row) for path, row in rows.items()]
    start = median(measured.starts)
    lines.append(
        f"{'cold start':20}{start:8.2f}{START_TARGET:8.3g} {_mark(start <= START_TARGET):2} "
        f"seconds to the first answer; {measured.first_start:.2f} with migration and new keys"
    )
    for when, memory in (("idle", measured.idle), ("loaded", measured.loaded)):
        lines.append(
            f"{'worker, ' + when:20}{memory.rss:8.0f}{MEMORY_TARGET:8} {_mark(memory.rss <= MEMORY_TARGET):2} "
            f"MB resident, {memory.pss:.0f} proportional"
        )
    return "\n".join(lines)


def _line(path: str, row: Round) -> str:
    target, node, django = TARGETS[path]
    return (
        f"{path:20}{row.ratio:8.3g}{target:8.3g} {_mark(row.ratio >= target):2}{node:8.3g}{django:8.3g}"
        f"{row.units_per_cpu_second:13.0f}{row.worker_microseconds + row.others_microseconds:7.0f}"
        f"{row.database_microseconds:7.0f}{row.busy:6.0%}{row.median_milliseconds:8.2f}{row.slowest_milliseconds:8.2f}"
    )


def _mark(is_reached: bool) -> str:
    return "✓" if is_reached else ""


def write_json(path: Path, measured: list[Measured], plan: Plan) -> None:
    """Everything, each round too, with what is needed to compare it with another day's."""
    model = next((line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), "")
    content: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "load": os.getloadavg()},
        "python": sys.version.split()[0],
        "packages": {name: version(name) for name in PACKAGES},
        "plan": plan,
        "targets": {path: target for path, (target, *_) in TARGETS.items()},
        "databases": {each.database: each.as_dict() for each in measured},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []
