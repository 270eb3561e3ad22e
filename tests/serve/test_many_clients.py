"""Thousands of clients, and clients.yaml changes while they are served."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx

from authserver.clients.file.on_disk import LARGE
from tests.patience import PATIENCE, eventually
from tests.serve.conftest import CLIENTS_YAML, Running, Start

NUMBER = 1200
KNOWN, UNKNOWN = (400, "invalid_grant"), (401, "invalid_client")


def _file(names: Iterable[str]) -> str:
    return CLIENTS_YAML + "".join(
        f"  - {{client_id: {name}, name: Device, type: native, redirect_uris: [http://127.0.0.1/callback], "
        "apis: [reports]}\n"
        for name in names
    )


def _answer(server: Running, client_id: str) -> tuple[int, str]:
    """Of the token endpoint, which knows no such refresh token, but tells the clients that there are."""
    form = {"grant_type": "refresh_token", "refresh_token": "unknown", "client_id": client_id}
    answer = httpx.post(f"http://127.0.0.1:{server.port}/token", data=form, timeout=PATIENCE)
    return answer.status_code, answer.json()["error"]


def test_a_reload_under_traffic_loses_no_client_and_keeps_none_that_is_gone(start: Start) -> None:
    server = start(workers=2)
    names = [f"device-{n}" for n in range(NUMBER)]
    many = _file(names)
    assert len(many) > LARGE
    enough = Event()

    def ask() -> set[tuple[int, str]]:
        found = set()
        while not enough.is_set():
            found.add(_answer(server, "phone"))
        return found

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            _replace(server, many)
            _taken_by_all(server, 1)
            assert [_answer(server, name) for name in (names[0], names[-1])] == [KNOWN, KNOWN]
            broken = many.replace(f"client_id: {names[-1]}, name", f"client_id: {names[-1]}, nmae")
            _replace(server, broken)
            faults = eventually(lambda: server.lines("clients:refused"))[0]["faults"]
            line = len(broken.splitlines())
            assert faults == [
                f"{server.clients_file.name}:{line}:{broken.splitlines()[-1].index('nmae') + 1}: "
                f"clients[{NUMBER}].nmae: unknown field; did you mean name?"
            ]
            assert _answer(server, names[-1]) == KNOWN
            _replace(server, _file([*names[1:], "newcomer"]))
            _taken_by_all(server, 2)
            # Whichever of the workers answers.
            asked = {name: {_answer(server, name) for _ in range(8)} for name in (names[0], names[-1], "newcomer")}
        finally:
            enough.set()
    assert asked == {names[0]: {UNKNOWN}, names[-1]: {KNOWN}, "newcomer": {KNOWN}}
    assert [each.result() for each in asking] == [{KNOWN}, {KNOWN}]


def test_reading_clients_yaml_again_gives_way_to_requests(start: Start) -> None:
    server = start()
    usual = os.getpriority(os.PRIO_PROCESS, server.process.pid)
    tasks = Path(f"/proc/{server.process.pid}/task")
    # The thread that reads says so itself, as soon as it runs.
    eventually(lambda: {_nice(task) for task in tasks.iterdir()} == {usual, min(usual + 10, 19)})
    (worker,) = server.workers()
    assert os.getpriority(os.PRIO_PROCESS, worker) == usual


def _nice(task: Path) -> int:
    return os.getpriority(os.PRIO_PROCESS, int(task.name))


def _replace(server: Running, text: str) -> None:
    new = server.folder / "new.yaml"
    new.write_text(text)
    new.replace(server.clients_file)


def _taken_by_all(server: Running, times: int) -> None:
    def counts() -> list[int]:
        taken = [line["pid"] for line in server.lines("clients:reloaded")]
        return [taken.count(pid) for pid in server.workers()]

    eventually(lambda: counts() == [times, times])
