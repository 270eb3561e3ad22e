"""`make bench` says what it could not measure, and measures what it names."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from bench import processes

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="the benchmark needs two cores")
def test_without_node_the_peer_is_left_out_loudly_and_es256_is_measured_beside_rs256(tmp_path: Path) -> None:
    paths = ("client credentials", "client credentials, ES256")
    told = subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--database", "sqlite", "--rounds", "1", "--seconds", "0.3"),
            *("--quick", "--connections", "2", "--json", str(tmp_path / "bench.json")),
            *(word for path in paths for word in ("--path", path)),
        ],
        cwd=ROOT,
        # Nothing is on this path.
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "The peer was NOT measured: node and npm are not on this machine" in told.stderr
    for heading in ("p50 ms", "p99 ms", "× peer"):
        assert heading in told.stdout
    found = orjson.loads((tmp_path / "bench.json").read_bytes())
    assert found["peer"] is None
    medians = found["databases"]["SQLite"]["medians"]
    assert tuple(medians) == paths
    assert all(medians[path]["median_milliseconds"] <= medians[path]["slowest_milliseconds"] for path in paths)


# Seconds.
BURNT = 0.3
_BURNS = f"""
import subprocess, sys, time
work = "import time\\nwhile time.process_time() < {BURNT}: pass\\nprint(1, flush=True)\\ninput()"
child = subprocess.Popen([sys.executable, "-c", work], stdin=subprocess.PIPE)
input()
child.communicate(b"end")
print(2, flush=True)
input()
"""


def test_what_a_backend_took_still_counts_once_it_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", _BURNS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin
        assert parent.stdout
        parent.stdout.readline()
        while_it_lives = processes.cpu_seconds(parent.pid)
        parent.stdin.write(b"go on\n")
        parent.stdin.flush()
        parent.stdout.readline()
        assert len(processes.tree(parent.pid)) == 1
        both, own = processes.cpu_seconds(parent.pid), processes.own_cpu_seconds(parent.pid)
        assert both >= while_it_lives >= BURNT
        # How long the parent itself took to start tells of this machine.
        assert own < both - BURNT / 2
        parent.communicate(b"end\n")


def test_no_process_took_nothing() -> None:
    assert processes.cpu_seconds(0) == 0
