"""Places are given out in the order of arrival, and none is lost on the way."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Lock

import pytest

from authserver.store.engine import turns as module
from authserver.store.engine.turns import Turns
from tests.patience import PATIENCE, eventually


def queue(threads: ThreadPoolExecutor, turns: Turns, *calls: Callable[[], bool]) -> list[Future[bool]]:
    """Call one after the other, each once the one before it waits."""
    waiting = []
    for call in calls:
        waiting.append(threads.submit(call))
        eventually(lambda: turns.waiting == len(waiting))
    return waiting


def test_who_waits_longest_is_next() -> None:
    turns, order = Turns(1), []

    def take(number: int) -> bool:
        came = turns.take(PATIENCE)
        order.append(number)
        turns.give()
        return came

    assert turns.take()
    with ThreadPoolExecutor(5) as threads:
        waiting = queue(threads, turns, *(lambda number=number: take(number) for number in range(5)))
        turns.give()
        assert [each.result() for each in waiting] == [True] * 5
    assert order == [0, 1, 2, 3, 4]


def test_who_gives_a_place_back_does_not_get_it_again_before_those_who_wait() -> None:
    turns = Turns(1)
    assert turns.take()
    with ThreadPoolExecutor(1) as threads:
        waiting = queue(threads, turns, lambda: turns.take(PATIENCE))
        turns.give()
        assert not turns.take(0)
        assert waiting[0].result()


def test_who_gives_up_leaves_the_queue_and_takes_no_place_along() -> None:
    turns = Turns(1)
    assert turns.take()
    assert not turns.take(0.001)
    assert turns.waiting == 0
    turns.give()
    assert turns.take(0)
    assert not turns.take(0)


def test_who_is_handed_a_place_while_giving_up_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1)
    assert turns.take()
    with monkeypatch.context() as patched:
        patched.setattr(module, "Lock", lambda: Expiring(turns.give))
        assert turns.take(1)
    assert not turns.take(0)


@pytest.mark.parametrize("has_come", [False, True])
def test_who_is_interrupted_while_waiting_leaves_the_place_to_others(
    monkeypatch: pytest.MonkeyPatch, has_come: bool
) -> None:
    turns = Turns(1)
    assert turns.take()

    def interrupt() -> None:
        if has_come:
            turns.give()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "Lock", lambda: Expiring(interrupt))
        with pytest.raises(KeyboardInterrupt):
            turns.take(1)
    if not has_come:
        turns.give()
    assert turns.take(0)
    assert not turns.take(0)


def test_no_place_is_lost_or_made_while_many_come_wait_and_give_up() -> None:
    turns, meeting = Turns(3), Barrier(12)
    inside, most, served = 0, 0, 0
    counting = Lock()

    def come_and_go(number: int) -> None:
        nonlocal inside, most, served
        meeting.wait(PATIENCE)
        for again in range(300):
            # Every third time one gives up after next to nothing.
            if not turns.take(0.00001 if (number + again) % 3 == 0 else PATIENCE):
                continue
            with counting:
                inside += 1
                served += 1
                most = max(most, inside)
            with counting:
                inside -= 1
            turns.give()

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(come_and_go, range(12)))
    assert most <= 3
    assert served >= 12 * 200
    assert [turns.take(0) for _ in range(4)] == [True, True, True, False]


class Expiring:
    """A lock whose holder waits in vain, while something happens at the last moment."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self._happens = happens
        self._is_new = True

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self._is_new:
            self._is_new = False
            return True
        self._happens()
        return False

    def release(self) -> None:
        """Handed over."""
