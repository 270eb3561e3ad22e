"""A server that stops: first balancers notice, then the port closes, then it ends."""

import os
import signal
from collections.abc import Callable

import httpx
import pytest

from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import Running, Start

# Longer than any test: only a second signal ends it.
LONG = 300


def says_that_it_goes(server: Running, workers: int = 1) -> Callable[[], bool]:
    """Whether `/readyz` says so in every worker, of which the kernel chooses one for each connection."""

    def ask() -> bool:
        answers = [server.get("/readyz") for _ in range(4 * workers)]
        return all((answer.status_code, answer.json()["status"]) == (503, "draining") for answer in answers)

    return ask


def test_between_the_signal_and_the_closed_port_it_is_not_ready_and_serves(start: Start) -> None:
    monitoring = free_port()
    server = start(drain=LONG, workers=2, monitoring_port=monitoring)
    server.process.terminate()
    eventually(says_that_it_goes(server, workers=2))
    assert httpx.get(f"http://127.0.0.1:{monitoring}/readyz", timeout=PATIENCE).status_code == 503
    assert server.get("/healthz").is_success
    assert server.get("/jwks.json").is_success
    form = {"grant_type": "refresh_token", "refresh_token": "unknown", "client_id": "phone"}
    refused = httpx.post(f"http://127.0.0.1:{server.port}/token", data=form, timeout=PATIENCE)
    assert refused.json()["error"] == "invalid_grant"
    (said,) = server.lines("server:draining")
    assert said["seconds"] == LONG


def test_a_second_signal_ends_it_and_no_other_does(start: Start) -> None:
    server = start(drain=LONG)
    server.process.terminate()
    eventually(says_that_it_goes(server))
    server.process.send_signal(signal.SIGHUP)
    assert says_that_it_goes(server)()
    assert not server.lines("Stopping worker-1")
    server.process.terminate()
    assert server.process.wait(PATIENCE) == 0


def test_it_ends_by_itself(start: Start) -> None:
    server = start(drain=1)
    server.process.terminate()
    assert server.process.wait(PATIENCE) == 0
    assert len(server.lines("server:draining")) == 1


def test_a_worker_that_is_born_meanwhile_knows(start: Start) -> None:
    server = start(drain=LONG)
    server.process.terminate()
    eventually(says_that_it_goes(server))
    (killed,) = server.workers()
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: server.workers() not in ([], [killed]))
    eventually(says_that_it_goes(server))


@pytest.mark.slow
@pytest.mark.parametrize(("drain", "number"), [(0, signal.SIGTERM), (LONG, signal.SIGINT)])
def test_at_a_terminal_and_with_0_it_stops_at_once(start: Start, drain: int, number: signal.Signals) -> None:
    server = start(drain=drain)
    server.process.send_signal(number)
    assert server.process.wait(PATIENCE) == 0
    assert not server.lines("server:draining")


@pytest.mark.slow
def test_ctrl_c_goes_to_all_processes_and_each_ends_by_itself(start: Start) -> None:
    server = start(drain=LONG, workers=2, stop_timeout=LONG)
    os.killpg(server.process.pid, signal.SIGINT)
    assert server.process.wait(PATIENCE) == 0
    assert not server.lines("worker:killed")
