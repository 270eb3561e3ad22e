"""The yardstick: how many RSA-2048 signatures the server's core makes a second, at this very moment.

Clock rates, neighbours and machines change; the ratio of a path to the signatures beside it changes little.
"""

import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from typing import Self

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

MESSAGE = b"x" * 700
BATCH = 20


class Yardstick:
    """A process on the server's core that signs when asked, and sleeps otherwise."""

    def __init__(self, core: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, core), daemon=True)
        self._process.start()

    def signatures_per_second(self, seconds: float) -> float:
        """Signatures for each second of CPU time, measured for so many of them."""
        self._ours.send(seconds)
        return float(self._ours.recv())

    def __enter__(self) -> Self:
        self.signatures_per_second(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.send(None)
        self._process.join()


def _work(pipe: Connection, core: int) -> None:
    os.sched_setaffinity(0, {core})
    key = generate_private_key(public_exponent=65537, key_size=2048)
    padding, digest = PKCS1v15(), SHA256()
    while (seconds := pipe.recv()) is not None:
        began, made = time.process_time(), 0
        while time.process_time() - began < seconds:
            for _ in range(BATCH):
                key.sign(MESSAGE, padding, digest)
            made += BATCH
        pipe.send(made / (time.process_time() - began))
