"""The signing keys of a running server: loaded once, kept up with the database, rotated by whoever comes first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any

import structlog
from sqlalchemy import Connection

from authserver.keys import life, material, signed_token
from authserver.keys.material import LoadedKey
from authserver.keys.signed_token import UnknownKey
from authserver.keys.snapshot import EMPTY, NoSigningKey, Snapshot
from authserver.keys.verified import Verified
from authserver.master_key import MasterKey, MasterKeyError
from authserver.settings import Settings
from authserver.store import keys as store
from authserver.store.database import Database
from authserver.store.keys import SigningKey

log = structlog.get_logger("authserver")


class Keys:
    """Signs, verifies and publishes. Safe for threads: a snapshot is read without a lock and replaced whole.

    Empty until `refresh` or `maintain` is called for the first time.
    """

    def __init__(self, database: Database, master: MasterKey, settings: Settings) -> None:
        self._database = database
        self._master = master
        self._issuer = settings.issuer
        self._bits = settings.signing_key_bits
        self._schedule = life.Schedule.of(settings)
        self._snapshot = EMPTY
        self._verified = Verified()
        self._refreshed_at = -1
        self._lock = Lock()

    @property
    def algs(self) -> frozenset[str]:
        """The algorithms there is a key for."""
        return frozenset(self._snapshot.signers)

    def stages(self, now: int) -> list[life.Stage]:
        """Where every key stands."""
        return life.stages(self._snapshot.rows, now, self._schedule)

    def jwks(self) -> tuple[bytes, str]:
        """The JWK Set (RFC 7517 §5) as JSON, and its ETag with quotes: made once, the same in every process."""
        return self._snapshot.jwks, self._snapshot.etag

    def sign(self, claims: Mapping[str, object], typ: str, now: int, alg: str = "RS256") -> str:
        """The claims as a signed JWT. The first use of an `alg` makes its key: not within an open transaction."""
        try:
            key = self._snapshot.signer(alg, now)
        except NoSigningKey:
            # A client that clients.yaml has just gained asks before the next turn of maintenance.
            self.maintain(now, (alg,))
            key = self._snapshot.signer(alg, now)
        return signed_token.sign(key, claims, typ)

    def verify(self, token: str, typ: str, *, now: int, leeway: int = 0, ignore_expiry: bool = False) -> dict[str, Any]:
        """The claims of a token of this type that this server signed. Raises InvalidToken for everything else.

        `leeway` is seconds by which it may have expired. Who it is for is not looked at.
        """
        header = signed_token.read_header(token)
        key = self._published(header["kid"], now)
        signed_token.check_header(header, key, typ)
        claims = self._verified.claims(token, key)
        signed_token.check_claims(claims, self._issuer, now, leeway, ignore_expiry)
        return claims

    def refresh(self, now: int) -> None:
        """Take over what others have changed. One short read; only keys not seen before are imported.

        Raises MasterKeyError when the first read meets a key that the master key does not open.
        """
        with self._lock:
            self._refreshed_at = now
            with self._database.read() as connection:
                rows = store.load(connection)
            if rows != self._snapshot.rows:
                self._snapshot = Snapshot.of(rows, self._load(rows), now)

    def maintain(self, now: int, algs: Iterable[str] = ("RS256",)) -> None:
        """Make, publish and remove keys as is due, exactly once however many processes do it; then refresh."""
        self.refresh(now)
        for alg in sorted(algs):
            if life.due(self._of(alg), now, self._schedule):
                with self._database.write() as connection:
                    self._settle(connection, alg, now)
        for kid in life.removable(self._snapshot.rows, now, self._schedule):
            with self._database.write() as connection:
                store.remove(connection, kid)
            log.info("key:removed", kid=kid)
        self.refresh(now)

    def rotate(self, now: int, alg: str = "RS256", *, at_once: bool = False) -> SigningKey:
        """Give the newest key that this object knows a successor, and return it.

        It begins when it has been published long enough, or `at_once`: then a resource server with an older JWKS
        meets an unknown `kid`. Of many that rotate away from the same key, one makes the successor.
        """
        rows = self._of(alg)
        waiting = next((row for row in rows if life.is_waiting(row, now)), None)
        if waiting is None:
            generation = max((row.generation for row in rows), default=0) + 1
            begin = now if at_once or not rows else now + self._schedule.publish_ahead
            candidate = self._make(alg, generation, begin, now)
            with self._database.write() as connection:
                self._publish(connection, candidate)
        else:
            begin = now if at_once else max(now, waiting.created_at + self._schedule.publish_ahead)
            with self._database.write() as connection:
                store.activate(connection, waiting.kid, begin)
        self.refresh(now)
        return next(row for row in reversed(self._of(alg)) if row.revoked_at is None)

    def revoke(self, kid: str, now: int) -> bool:
        """Take a key back: no token that it signed verifies any more. If it was active, another is so at once.

        False when there is no such key. Other processes learn of it at their next `refresh`.
        """
        with self._database.write() as connection:
            alg = store.revoke(connection, kid, now)
            if alg is not None:
                self._settle(connection, alg, now)
                log.warning("key:revoked", kid=kid, alg=alg)
        # Where nothing was read before, keys under a lost master key may stand beside it: they are revoked in turn.
        if self._snapshot is not EMPTY:
            self.refresh(now)
        return alg is not None

    def _of(self, alg: str) -> list[SigningKey]:
        return [row for row in self._snapshot.rows if row.alg == alg]

    def _published(self, kid: str, now: int) -> LoadedKey:
        key = self._snapshot.by_kid.get(kid)
        # A thumbprint we do not know may be a key that another process has just made; once a second we look.
        if key is None and len(kid) == 43 and now != self._refreshed_at:
            self.refresh(now)
            key = self._snapshot.by_kid.get(kid)
        if key is None:
            raise UnknownKey("kid of none of the published keys")
        return key

    def _settle(self, connection: Connection, alg: str, now: int) -> None:
        # A quicker process may have made the same key meanwhile: then the rows, read again, say what is left to do.
        while True:
            rows = [row for row in store.load(connection) if row.alg == alg]
            step = life.due(rows, now, self._schedule)
            if step is None:
                return
            if isinstance(step, life.Activate):
                store.activate(connection, step.kid, now)
            else:
                self._publish(connection, self._make(alg, step.generation, step.active_from, now))

    def _make(self, alg: str, generation: int, active_from: int, now: int) -> SigningKey:
        kid, der = material.make(alg, self._bits)
        return SigningKey(kid, alg, generation, self._master.seal(der), now, active_from)

    def _publish(self, connection: Connection, key: SigningKey) -> None:
        if store.publish(connection, key):
            log.info("key:published", kid=key.kid, alg=key.alg, active_from=key.active_from)

    def _load(self, rows: Iterable[SigningKey]) -> dict[str, LoadedKey]:
        known = self._snapshot.by_kid
        loaded: dict[str, LoadedKey] = {}
        for row in rows:
            if row.revoked_at is not None:
                continue
            before = known.get(row.kid)
            try:
                key = before or material.read(row.kid, row.alg, row.active_from, self._master.unseal(row.private_key))
                loaded[row.kid] = replace(key, active_from=row.active_from)
            except (MasterKeyError, ValueError) as error:
                if self._snapshot is EMPTY:
                    raise
                # The keys in use go on; a revocation in the same rows must not be lost for this one.
                log.error("key:unreadable", kid=row.kid, reason=str(error))  # noqa: TRY400
        return loaded
