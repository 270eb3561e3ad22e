"""One database: the server is started, asked on every path in turns, and stopped."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench import processes, scene
from bench.databases import Opened
from bench.generator import Conversation, run
from bench.paths import conversations, of_ours_alone
from bench.processes import Memory
from bench.server import Running, serving
from bench.signatures import Yardstick

NOTHING = Memory(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often: seconds a path and round, rounds, connections, starts; the server's core; which paths.

    `time_slice` is the setting of that name.
    """

    seconds: float
    rounds: int
    connections: int
    starts: int
    core: int
    paths: tuple[str, ...]
    time_slice: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """One path in one round. CPU times are microseconds a unit; `busy` is the share of its core the server used."""

    ratio: float
    signatures_per_second: float
    units_per_cpu_second: float
    worker_microseconds: float
    others_microseconds: float
    database_microseconds: float
    units_per_second: float
    busy: float
    median_milliseconds: float
    slowest_milliseconds: float

    @property
    def whole(self) -> float:
        """Units for each CPU second of server and database together."""
        return 1e6 / (self.worker_microseconds + self.others_microseconds + self.database_microseconds)


@dataclass(slots=True)
class Measured:
    """Everything that was found with one database. Memory is in megabytes, starts are in seconds."""

    database: str
    first_start: float = 0.0
    starts: list[float] = field(default_factory=list)
    idle: Memory = NOTHING
    loaded: Memory = NOTHING
    paths: dict[str, list[Round]] = field(default_factory=dict)

    def middle(self, path: str) -> Round:
        """The median of every figure of a path."""
        rounds = [asdict(each) for each in self.paths[path]]
        return Round(**{name: median(each[name] for each in rounds) for name in rounds[0]})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"medians": {path: asdict(self.middle(path)) for path in self.paths}}


def measure(
    database: Opened, folder: Path, port: int, plan: Plan, yardstick: Yardstick, say: Callable[[str], None]
) -> Measured:
    """Measure every path on one database. `say` hears of the progress."""
    measured = Measured(database.name)
    environ, keys = scene.environment(folder, database.url, port)
    environ["AUTHSERVER_TIME_SLICE"] = str(plan.time_slice)
    log = folder / "server.log"
    with serving(environ, {plan.core}, log) as running:
        # Migrates and makes the keys, so it is told apart.
        measured.first_start = running.start_seconds
    for _ in range(plan.starts - 1):
        with serving(environ, {plan.core}, log) as running:
            measured.starts.append(running.start_seconds)
    stage = scene.people(environ, keys, plan.connections)
    with serving(environ, {plan.core}, log) as running:
        measured.starts.append(running.start_seconds)
        ask(measured, running, conversations(stage, port) | of_ours_alone(stage, port), database, plan, yardstick, say)
    return measured


def ask(
    measured: Measured,
    running: Running,
    paths: dict[str, list[Conversation]],
    database: Opened,
    plan: Plan,
    yardstick: Yardstick,
    say: Callable[[str], None],
) -> None:
    """Ask a running server on every path, in turns, and write down what was found."""
    measured.idle = processes.memory(running.worker)
    for number in range(plan.rounds):
        for path in plan.paths:
            say(f"{database.name}, round {number + 1} of {plan.rounds}: {path}")
            found = _round(running, paths[path], database, plan, yardstick)
            measured.paths.setdefault(path, []).append(found)
    measured.loaded = processes.memory(running.worker)


def _round(running: Running, talk: list[Conversation], database: Opened, plan: Plan, yardstick: Yardstick) -> Round:
    run(running.port, talk, plan.seconds / 5)
    before = yardstick.signatures_per_second(plan.seconds / 8)
    whole, worker, behind = _taken(running, database)
    load = run(running.port, talk, plan.seconds)
    whole, worker, behind = (
        after - ago for after, ago in zip(_taken(running, database), (whole, worker, behind), strict=True)
    )
    signatures = (before + yardstick.signatures_per_second(plan.seconds / 8)) / 2
    return Round(
        ratio=load.units / whole / signatures,
        signatures_per_second=signatures,
        units_per_cpu_second=load.units / whole,
        worker_microseconds=worker / load.units * 1e6,
        others_microseconds=(whole - worker) / load.units * 1e6,
        database_microseconds=behind / load.units * 1e6,
        units_per_second=load.units / load.seconds,
        busy=whole / load.seconds,
        median_milliseconds=load.median * 1e3,
        slowest_milliseconds=load.slowest * 1e3,
    )


def _taken(running: Running, database: Opened) -> tuple[float, float, float]:
    """Seconds of CPU until now: of the server, of its worker alone, of the database."""
    server, store = (processes.cpu_seconds(pid) for pid in (running.pid, database.pid))
    return server, processes.own_cpu_seconds(running.worker), store
