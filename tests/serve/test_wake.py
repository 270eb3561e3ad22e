"""The event that a signal handler may set, at whatever moment the signal comes."""

import os
import signal
import threading

from authserver.serve.wake import Wake
from tests.patience import PATIENCE


def test_it_is_set_until_it_is_cleared() -> None:
    wake = Wake()
    assert not wake.wait(0)
    for _ in range(100_000):
        wake.set()
    assert wake.wait()
    assert wake.is_set()
    wake.clear()
    assert not wake.is_set()


def test_another_thread_wakes_it() -> None:
    wake = Wake()
    thread = threading.Thread(target=wake.set)
    thread.start()
    assert wake.wait(PATIENCE)
    thread.join()


def test_signals_at_any_moment_are_never_lost_and_never_lock() -> None:
    wake, me = Wake(), os.getpid()
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: wake.set())
    try:
        for _ in range(2000):
            sender = threading.Thread(target=os.kill, args=(me, signal.SIGUSR1))
            sender.start()
            assert wake.wait(PATIENCE)
            wake.clear()
            sender.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
