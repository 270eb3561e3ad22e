"""What the parent process asks its workers, over sockets that a worker hands to it when it begins.

Each question brings the socket for its answer along: one that comes too late goes nowhere, and none is taken for
another. No name in a file system, nothing that another process could open.
"""

import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import structlog

MOST_AT_ONCE = 4
QUESTION_SIZE = 64
ALIVE = "alive"
Answer = Callable[[], bytes]
_log = structlog.get_logger("authserver")


class Desk:
    """Where workers report and are asked. Made in the parent before the first fork.

    A thread takes the reports: few fit into a socket, and the next worker would wait there until somebody asks.
    """

    def __init__(self) -> None:
        self._reports, self._door = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._workers: dict[int, socket.socket] = {}
        threading.Thread(target=self._take_reports, name="reports", daemon=True).start()

    def report(self, answers: Mapping[str, Answer]) -> None:
        """In a worker: be there for questions from now on. `answers` may be completed later; they come from threads.

        `ALIVE` is answered by itself, whatever the others hang on.
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with theirs:
            socket.send_fds(self._door, [str(os.getpid()).encode()], [theirs.fileno()])
        threading.Thread(target=_listen, args=(mine, answers), name="questions", daemon=True).start()

    def forget(self) -> None:
        """In a worker: close what is the parent's."""
        for each in (self._reports, *self._workers.values()):
            each.close()
        self._workers = {}

    def ask(self, question: str, timeout: float, most: int | None = None) -> dict[int, bytes | None]:
        """The answer of each worker by its process id; None of one that gave none within so many seconds.

        `most` workers are asked, those that have been here longest; all without it.

        No process may be forked meanwhile: it would keep the sockets open whose end is the end of an answer.
        """
        deadline = time.monotonic() + timeout
        said: dict[int, bytes | None] = {}
        with ExitStack() as stack, selectors.DefaultSelector() as selector:
            for pid, worker in list(self._workers.items())[:most]:
                ours, theirs = socket.socketpair()
                stack.enter_context(ours)
                with theirs:
                    try:
                        socket.send_fds(worker, [question.encode()], [theirs.fileno()])
                    except BlockingIOError:
                        # It has not read the last questions yet.
                        said[pid] = None
                        continue
                    except OSError:
                        # It has ended.
                        if self._workers.get(pid) is worker:
                            del self._workers[pid]
                        worker.close()
                        continue
                selector.register(ours, selectors.EVENT_READ, (pid, bytearray()))
            while selector.get_map() and (left := deadline - time.monotonic()) > 0:
                for key, _events in selector.select(left):
                    _receive(selector, key, said)
            for key in selector.get_map().values():
                said[key.data[0]] = None
        return said

    def _take_reports(self) -> None:
        while True:
            message, descriptors, *_ = socket.recv_fds(self._reports, QUESTION_SIZE, 1)
            worker = socket.socket(fileno=descriptors[0])
            worker.setblocking(False)
            earlier = self._workers.pop(int(message), None)
            self._workers[int(message)] = worker
            if earlier is not None:
                earlier.close()


def _receive(selector: selectors.BaseSelector, key: selectors.SelectorKey, said: dict[int, bytes | None]) -> None:
    connection, (pid, received) = key.fileobj, key.data
    assert isinstance(connection, socket.socket)  # noqa: S101 - for the type alone
    try:
        piece = connection.recv(65536)
    except OSError:
        piece = b""
    if piece:
        received.extend(piece)
        return
    selector.unregister(connection)
    # An end without a word is that of a worker that ended, or failed.
    said[pid] = bytes(received) or None


def _listen(questions: socket.socket, answers: Mapping[str, Answer]) -> None:
    threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="answers")
    while True:
        try:
            question, descriptors, *_ = socket.recv_fds(questions, QUESTION_SIZE, 1)
        except OSError:
            # The parent has ended, and so does this worker.
            questions.close()
            return
        if not descriptors:
            continue
        reply, name = socket.socket(fileno=descriptors[0]), question.decode()
        if name == ALIVE:
            _answer(reply, lambda: b"ok")
        else:
            threads.submit(_answer, reply, answers.get(name))


def _answer(reply: socket.socket, answer: Answer | None) -> None:
    with reply:
        try:
            if answer is not None:
                reply.sendall(answer())
        except OSError:
            # Nobody waits for it any more.
            return
        except Exception:
            _log.exception("monitoring:failed")
