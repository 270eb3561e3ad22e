"""Passwords at rest: argon2id, a few at a time, and the same time for everybody.

RFC 9106; NIST SP 800-63B-4 §3.1.1.2. https://www.rfc-editor.org/rfc/rfc9106
"""

import secrets
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from authserver.settings import Settings

MAX_LENGTH = 256
PATIENCE = 5.0


class PasswordsBusyError(Exception):
    """Too many passwords are being worked on; `retry_after` is in seconds."""

    retry_after = 2

    def __init__(self) -> None:
        super().__init__("Many people are signing in at this moment. Try again in a few seconds.")


class Passwords:
    """Hashes and verifies with the parameters of the settings.

    At most `password_hash_concurrency` run at a time, and so few wait that a thread is left for other
    requests; past that `PasswordsBusyError` is raised: sign-ins must not starve the token endpoint.
    """

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.password_hash_time,
            memory_cost=settings.password_hash_memory,
            parallelism=settings.password_hash_parallelism,
        )
        running = settings.password_hash_concurrency
        self._running = threading.BoundedSemaphore(running)
        self._admitted = threading.BoundedSemaphore(running + max(1, settings.threads - running - 1))
        self._nobody = self._unknown_hash()

    def hash(self, password: str) -> str:
        """The encoded argon2id hash of a password of at most 256 characters (ValueError beyond)."""
        if len(password) > MAX_LENGTH:
            raise ValueError(f"a password has at most {MAX_LENGTH} characters")
        with self._turn():
            return self._hasher.hash(_bytes(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right. Without a hash (nobody, or no password) as slow, and always False."""
        if len(password) > MAX_LENGTH:
            return False
        with self._turn():
            try:
                self._hasher.verify(password_hash or self._nobody, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False
        return password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._admitted.acquire(blocking=False):
            raise PasswordsBusyError
        try:
            if not self._running.acquire(timeout=PATIENCE):
                raise PasswordsBusyError
            try:
                yield
            finally:
                self._running.release()
        finally:
            self._admitted.release()

    def _unknown_hash(self) -> str:
        # Random bytes in the shape of a hash: as slow to check as a real one, and at no cost at start.
        salt, tag = (b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
        hasher = self._hasher
        costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
        return f"$argon2id$v=19${costs}${salt}${tag}"


def _bytes(password: str) -> bytes:
    # NIST SP 800-63B-4 §3.1.1.2: normalised before hashing; nothing is trimmed, folded or cut.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def shared(settings: Settings) -> Passwords:
    """The one instance of this process, so that its bound holds."""
    return Passwords(settings)
