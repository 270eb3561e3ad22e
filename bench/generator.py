"""A closed loop over a few kept-alive connections: each sends its next request when it has the last answer.

Requests are bytes made beforehand as far as they can be, and answers are searched, not parsed, so that one core of the
generator asks for more than one core of the server can answer.
"""

import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

TIMEOUT = 10.0


class Conversation(Protocol):
    """What one connection says."""

    def request(self) -> bytes:
        """The next request, whole."""

    def answered(self, answer: bytes) -> bool:
        """Take the answer, whole; whether it was the last of a unit. Raises UnexpectedAnswer."""


class UnexpectedAnswer(Exception):  # noqa: N818 - what it is, not what went wrong
    """An answer that is not the one that was measured for."""


@dataclass(frozen=True, slots=True)
class Load:
    """Units that were completed, the seconds they took, and of a unit, in seconds, median, 99th percentile and most."""

    units: int
    seconds: float
    median: float
    slowest: float
    longest: float


class _Line:
    """A connection and how far it is."""

    def __init__(self, port: int, conversation: Conversation) -> None:
        self.conversation = conversation
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self._received = b""

    def send(self) -> None:
        self.socket.sendall(self.conversation.request())

    def receive(self) -> bytes | None:
        """The answer, once it is whole."""
        received = self.socket.recv(65536)
        if not received:
            raise UnexpectedAnswer("the server closed the connection")
        self._received += received
        if not _is_whole(self._received):
            return None
        answer, self._received = self._received, b""
        return answer


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    before, _, length = head.lower().partition(b"\r\ncontent-length:")
    if length:
        return len(body) >= int(length.partition(b"\r\n")[0])
    return body.endswith(b"0\r\n\r\n") or b" 304 " in before or b" 204 " in before


def run(port: int, conversations: Sequence[Conversation], seconds: float) -> Load:
    """Hold all conversations at once for so long. Raises UnexpectedAnswer at the first answer that is wrong."""
    lines = {(line := _Line(port, each)).socket.fileno(): line for each in conversations}
    took: list[float] = []
    try:
        with select.epoll() as ready:
            began = time.perf_counter()
            for number, line in lines.items():
                ready.register(number, select.EPOLLIN)
                line.began = began
                line.send()
            while time.perf_counter() - began < seconds:
                _turn(ready, lines, took)
            ended = time.perf_counter()
            _finish(ready, lines)
    finally:
        for line in lines.values():
            line.socket.close()
    took.sort()
    return Load(len(took), ended - began, took[len(took) // 2], took[len(took) * 99 // 100], took[-1])


def converse(port: int, conversation: Conversation) -> None:
    """Hold one conversation for one unit."""
    line = _Line(port, conversation)
    with line.socket:
        is_done = False
        while not is_done:
            line.send()
            while (answer := line.receive()) is None:
                pass
            is_done = conversation.answered(answer)


def _turn(ready: select.epoll, lines: dict[int, _Line], took: list[float]) -> None:
    happened = ready.poll(TIMEOUT)
    if not happened:
        raise UnexpectedAnswer("no answer in time")
    for number, _ in happened:
        line = lines[number]
        answer = line.receive()
        if answer is None:
            continue
        if line.conversation.answered(answer):
            now = time.perf_counter()
            took.append(now - line.began)
            line.began = now
        line.send()


def _finish(ready: select.epoll, lines: dict[int, _Line]) -> None:
    # Every answer is waited for, so that a chain of refresh tokens can go on in the next round.
    waiting = set(lines)
    while waiting:
        for number, _ in ready.poll(TIMEOUT):
            answer = lines[number].receive()
            if answer is not None:
                lines[number].conversation.answered(answer)
                waiting.discard(number)
