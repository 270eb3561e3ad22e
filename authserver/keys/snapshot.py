"""All live keys at one moment, ready for use; replaced whole, never changed."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

import orjson

from authserver.keys.life import CLOCKS, has_begun, newest
from authserver.keys.material import LoadedKey
from authserver.store.keys import SigningKey


class NoSigningKey(Exception):  # noqa: N818 - what it is, not what went wrong
    """No key for this algorithm signs yet; one does from `begins` on (seconds since the epoch), where there is one."""

    def __init__(self, alg: str, begins: int | None = None) -> None:
        super().__init__(alg)
        self.alg = alg
        self.begins = begins


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`rows` as the database had them, `by_kid` what is published, `signers[alg]` newest first.

    `begun_at_once` are those of them that were meant to sign from the moment they were made. `bereft` are the
    algorithms of which a key was revoked that had signed.
    """

    rows: tuple[SigningKey, ...]
    by_kid: Mapping[str, LoadedKey]
    signers: Mapping[str, tuple[LoadedKey, ...]]
    begun_at_once: frozenset[str]
    bereft: frozenset[str]
    jwks: bytes
    etag: str

    @classmethod
    def of(cls, rows: Sequence[SigningKey], loaded: Mapping[str, LoadedKey], now: int) -> Self:
        """Put together the rows and their keys; rows without a loaded key are left out of use."""
        usable = [row for row in rows if row.kid in loaded]
        signers = {alg: _signers(usable, loaded, alg, now) for alg in {row.alg for row in usable}}
        published = {row.kid: loaded[row.kid] for row in usable}
        at_once = frozenset(row.kid for row in usable if row.active_from <= row.created_at)
        bereft = frozenset(row.alg for row in rows if row.revoked_at is not None and has_begun(row, now))
        jwks = orjson.dumps({"keys": [key.jwk() for key in published.values()]})
        return cls(
            tuple(rows), MappingProxyType(published), MappingProxyType(signers), at_once, bereft, jwks, _etag(jwks)
        )

    def signer(self, alg: str, now: int) -> LoadedKey:
        """The active key: the newest that has begun. Raises NoSigningKey."""
        signers = self.signers.get(alg)
        if not signers:
            raise NoSigningKey(alg)
        for key in signers:
            if key.active_from <= now:
                return key
        # The clock of who made it, or of who revoked the one before it, is a little ahead of ours.
        following = signers[-1]
        if following.kid in self.begun_at_once or (alg in self.bereft and following.active_from <= now + CLOCKS):
            return following
        raise NoSigningKey(alg, following.active_from)


def _signers(rows: Iterable[SigningKey], loaded: Mapping[str, LoadedKey], alg: str, now: int) -> tuple[LoadedKey, ...]:
    rows = [row for row in rows if row.alg == alg]
    active = newest(row for row in rows if has_begun(row, now))
    first = active.generation if active else 0
    return tuple(loaded[row.kid] for row in reversed(rows) if row.generation >= first)


def _etag(content: bytes) -> str:
    digest = hashlib.sha256(content).digest()[:16]
    return f'"{base64.urlsafe_b64encode(digest).rstrip(b"=").decode()}"'


EMPTY = Snapshot.of((), {}, 0)
