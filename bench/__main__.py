"""Measure the server: `python -m bench`, or `python -m bench --quick` for a first impression."""

import argparse
import compileall
import os
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import authserver
from bench import peer, scene
from bench.databases import DATABASES
from bench.generator import run
from bench.measure import Measured, Plan, ask, measure
from bench.paths import conversations
from bench.report import OURS_ALONE, TARGETS, table, write_json
from bench.server import free_port
from bench.signatures import Yardstick


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure how fast the server is.")
    parser.add_argument("--quick", action="store_true", help="a first impression in a third of the time")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one; both by default")
    parser.add_argument("--path", choices=TARGETS, action="append", help="only this one; all by default")
    parser.add_argument("--seconds", type=float, help="for each path and round")
    parser.add_argument("--rounds", type=int, help="how often every path is measured; the median counts")
    parser.add_argument("--no-peer", action="store_true", help="leave out oidc-provider, which npm installs")
    parser.add_argument("--connections", type=int, default=8, help="kept open at the same time")
    parser.add_argument("--time-slice", type=int, default=0, help="AUTHSERVER_TIME_SLICE, in milliseconds")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where everything is written to")
    return parser.parse_args()


def _say(progress: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{progress}")


def _measured_peer(build: Path, plan: Plan, yardstick: Yardstick) -> Measured | None:
    """What the peer gives; says so where it cannot be measured."""
    try:
        folder = peer.install(build)
    except peer.PeerMissing as reason:
        sys.stderr.write(f"\nThe peer was NOT measured: {reason}\n")
        return None
    keys = scene.client_secrets()
    plan = replace(plan, paths=tuple(path for path in plan.paths if path not in OURS_ALONE))
    with tempfile.TemporaryDirectory(prefix="authserver-bench-") as name:
        log = Path(name) / "peer.log"
        with peer.serving(folder, keys, plan.core, log) as (running, database):
            measured = Measured(database.name, starts=[running.start_seconds])
            paths = conversations(peer.people(running, keys, plan.connections), running.port)
            for path in plan.paths:
                # V8 compiles what runs often, and measures as it runs.
                _say(f"{database.name}, warming up: {path}")
                run(running.port, paths[path], 2 * plan.seconds)
            ask(measured, running, paths, database, plan, yardstick, _say)
    return measured


def main() -> None:
    """Measure, print the table, write the JSON."""
    arguments = _arguments()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("Two cores are needed: one for the server, one for what asks it.")
    seconds, rounds = (0.6, 2) if arguments.quick else (1.5, 3)
    plan = Plan(
        seconds=arguments.seconds or seconds,
        rounds=arguments.rounds or rounds,
        connections=arguments.connections,
        starts=2 if arguments.quick else 4,
        core=cores[-1],
        paths=tuple(arguments.path or TARGETS),
        time_slice=arguments.time_slice,
    )
    # The generator and the database's processes, which inherit this, stay off the server's core.
    os.sched_setaffinity(0, set(cores[:-1]))
    # As pip leaves an installed package.
    compileall.compile_dir(Path(authserver.__file__).parent, quiet=1)
    measured: list[Measured] = []
    with Yardstick(plan.core) as yardstick:
        for name in arguments.database or DATABASES:
            with ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="authserver-bench-")))
                database = stack.enter_context(DATABASES[name](folder))
                measured.append(measure(database, folder, free_port(), plan, yardstick, _say))
        beside = None if arguments.no_peer else _measured_peer(arguments.json.parent, plan, yardstick)
    _say("")
    sys.stdout.write(table(measured, beside) + "\n")
    write_json(arguments.json, measured, beside, plan)
    sys.stdout.write(f"\nEvery figure of every round: {arguments.json}\n")


if __name__ == "__main__":
    main()
