"""Of the processes of a node one has the turn, until it ends however it ends."""

import os
import signal
from multiprocessing import get_context
from multiprocessing.connection import Connection

from authserver.serve.alone import Alone
from tests.patience import PATIENCE


def _take(alone: Alone, told: Connection) -> None:
    told.send(alone.take())
    signal.pause()


def test_one_of_two_has_the_turn_and_the_other_takes_it_over_when_that_one_is_killed() -> None:
    fork, alone = get_context("fork"), Alone()
    here, there = fork.Pipe()
    process = fork.Process(target=_take, args=(alone, there), daemon=True)
    process.start()
    assert here.poll(PATIENCE)
    assert here.recv()
    assert not alone.take()
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join(PATIENCE)
    assert alone.take()
    assert alone.take()
