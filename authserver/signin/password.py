"""Passwords at rest: argon2id, a few at a time behind everything else, and the same time for everybody.

RFC 9106; NIST SP 800-63B-4 §3.1.1.2. https://www.rfc-editor.org/rfc/rfc9106
"""

import os
import secrets
import sys
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from authserver.http.aside import aside
from authserver.pages.fault import Fault
from authserver.protocol.person.password_hash import Argon2, HashError, parse
from authserver.protocol.words import marked
from authserver.settings import Settings
from authserver.signin import imported_hash

MAX_LENGTH = 256
PATIENCE = 5.0
WAITING_FOR_EACH = 4
LAST = 19
P = ParamSpec("P")
R = TypeVar("R")


class PasswordsBusyError(Exception):
    """Too many passwords are being worked on; `retry_after` is in seconds."""

    retry_after = 2

    def __init__(self) -> None:
        super().__init__(marked("Many people are signing in right now. Try again in a few seconds."))

    @property
    def fault(self) -> Fault:
        """What a page says then."""
        return Fault(str(self), 503, self.retry_after)


class Passwords:
    """Hashes and verifies with the parameters of the settings, in threads of their own.

    At most `password_hash_concurrency` run at a time, and a few more wait outside of the places where requests are
    worked on; past that `PasswordsBusyError` is raised: sign-ins must not starve the token endpoint.
    """

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.password_hash_time,
            memory_cost=settings.password_hash_memory,
            parallelism=settings.password_hash_parallelism,
        )
        running = settings.password_hash_concurrency
        self._workers = ThreadPoolExecutor(running, thread_name_prefix="passwords", initializer=_step_back)
        self._most = running * (1 + WAITING_FOR_EACH)
        self._running = running
        self._admitted = self.refused = 0
        self._lock = threading.Lock()
        self._nobody = self._unknown_hash()

    @property
    def waiting(self) -> int:
        """How many wait for their hash to begin."""
        return max(0, self._admitted - self._running)

    def hash(self, password: str) -> str:
        """The encoded argon2id hash of a password of at most 256 characters (ValueError beyond)."""
        if len(password) > MAX_LENGTH:
            raise ValueError(f"a password has at most {MAX_LENGTH} characters")
        return self._do(self._hasher.hash, _bytes(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right. Without a hash (nobody, or no password) as slow, and always False."""
        if len(password) > MAX_LENGTH:
            return False
        right = self._do(self._verify, password_hash or self._nobody, password)
        return right and password_hash is not None

    def refuse_when_full(self) -> None:
        """Raise PasswordsBusyError where the next password would be refused: worth asking before any other work."""
        if self._admitted >= self._most:
            self.refused += 1
            raise PasswordsBusyError

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash was made with other parameters than today's, or by another system."""
        return not password_hash.startswith("$argon2") or self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            if password_hash.startswith("$argon2"):
                return self._hasher.verify(password_hash, _bytes(password))
            stored = parse(password_hash)
        except (VerificationError, InvalidHashError, HashError):
            return False
        # Another system hashed what was typed, as it was typed.
        return not isinstance(stored, Argon2) and imported_hash.verify(stored, password.encode(errors="surrogatepass"))

    def _do(self, work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        with self._lock:
            self.refuse_when_full()
            self._admitted += 1
        try:
            future = self._workers.submit(work, *arguments, **named)
            with aside():
                try:
                    return future.result(PATIENCE)
                except TimeoutError:
                    if future.cancel():
                        self.refused += 1
                        raise PasswordsBusyError from None
                    return future.result()
        finally:
            with self._lock:
                self._admitted -= 1

    def _unknown_hash(self) -> str:
        # Random bytes in the shape of a hash: as slow to check as a real one, and at no cost at start.
        salt, tag = (b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
        hasher = self._hasher
        costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
        return f"$argon2id$v=19${costs}${salt}${tag}"


def _step_back() -> None:
    # Linux gives each thread a priority of its own, which the lanes of argon2 inherit: a flood of sign-ins then takes
    # only what the token endpoint leaves.
    if sys.platform == "linux":
        # Some sandboxes forbid it. What is raised here would end all of these threads, and with them every sign-in.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST)


def _bytes(password: str) -> bytes:
    # NIST SP 800-63B-4 §3.1.1.2: normalised before hashing; nothing is trimmed, folded or cut.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def shared(settings: Settings) -> Passwords:
    """The one instance of this process, so that its bound holds."""
    return Passwords(settings)
