"""Time slices that the setting asks for: every thread of a worker has them, and nothing else does."""

import os
import re
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from authserver.serve import slices
from tests.serve.conftest import Start

MILLISECONDS = 40


def slices_of(pid: int) -> set[int]:
    """Of the threads of a process, in nanoseconds."""
    found = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/sched")]
    return {int(each) for text in found for each in re.findall(r"^se\.slice +: +(\d+)$", text, re.MULTILINE)}


@pytest.fixture
def usual() -> set[int]:
    """Those that the kernel gives."""
    found = slices_of(os.getpid())
    if not found:
        pytest.skip("the kernel does not tell the slices of threads, so this was NOT checked; to have it: Linux 6.12")
    return found


def test_every_thread_of_a_worker_has_them_and_the_parent_those_of_the_kernel(start: Start, usual: set[int]) -> None:
    server = start(time_slice=MILLISECONDS)
    assert server.get("/healthz").status_code == 200
    (worker,) = server.workers()
    assert slices_of(worker) == {MILLISECONDS * 1_000_000}
    assert slices_of(server.process.pid) == usual
    assert server.lines("worker:time_slice_refused") == []


def test_without_the_setting_a_worker_has_those_of_the_kernel(start: Start, usual: set[int]) -> None:
    server = start()
    (worker,) = server.workers()
    assert slices_of(worker) == usual


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [({}, "known of Linux on x86_64 and aarch64 alone"), ({os.uname().machine: 9999}, "Function not implemented")],
)
def test_where_they_cannot_be_had_a_line_says_so(
    numbers: dict[str, int], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "_NUMBERS", numbers)
    with capture_logs() as logs:
        slices.ask_for(MILLISECONDS)
    assert [(line["event"], line["reason"]) for line in logs] == [("worker:time_slice_refused", reason)]
