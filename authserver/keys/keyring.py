"""The signing keys of a running server: loaded once, kept up with the database, rotated by whoever comes first."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Any

import structlog

from authserver.keys import life, material, signed_token
from authserver.keys.life import Activate, Begins, Step
from authserver.keys.material import LoadedKey
from authserver.keys.planned import Planned, Revoked
from authserver.keys.readers import JwksReaders, is_behind
from authserver.keys.signed_token import UnknownKey
from authserver.keys.snapshot import EMPTY, NoSigningKey, Snapshot
from authserver.keys.verified import Verified
from authserver.master_key import MasterKey, MasterKeyError
from authserver.settings import Settings
from authserver.store import Connection, jwks_readers
from authserver.store import keys as store
from authserver.store.database import Database
from authserver.store.keys import SigningKey
from authserver.store.notices import Notices

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
        self._read_at = float("-inf")
        # Keys that this process made or took back; told of once they are read, since a commit may fail.
        self._made, self._taken_back = set[str](), set[str]()
        self.readers = JwksReaders(database)
        self.notices = Notices(database, settings.redis_url.get_secret_value() if settings.redis_url else None)
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
        """The claims as a signed JWT, by `signer`. Raises NoSigningKey."""
        return signed_token.sign(self.signer(alg, now), claims, typ)

    def signer(self, alg: str, now: int) -> LoadedKey:
        """The key that signs by this algorithm, which every node publishes. Raises NoSigningKey while `wait` is not 0.

        Asked for before anything is spent: what nobody can verify yet must not be signed.
        """
        return self._snapshot.signer(alg, now)

    def wait(self, alg: str, now: int) -> int:
        """Seconds until a key for this algorithm signs; 0 where one does.

        The first use of an `alg` publishes its key: not within an open transaction.
        """
        begins = self._begins(alg, now)
        if begins is None:
            # A client that clients.yaml has just gained asks before the next turn of maintenance.
            self.maintain(now, (alg,))
            begins = self._begins(alg, now)
        return life.SETTLING if begins is None else max(0, begins - now)

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

    def refresh(self, now: int) -> tuple[SigningKey, ...]:
        """Take over what others have changed, and return all keys. One short read; only new ones are imported.

        Raises MasterKeyError when the first read meets a key that the master key does not open.
        """
        with self._lock:
            self._refreshed_at = now
            began = time.monotonic()
            with self._database.read() as connection:
                rows = store.load(connection)
            self._read_at = began
            self._tell(rows)
            if rows != self._snapshot.rows:
                self._snapshot = Snapshot.of(rows, self._load(rows), now)
            return rows

    def age(self) -> float:
        """Seconds since the keys were read from the database."""
        return time.monotonic() - self._read_at

    def maintain(self, now: int, algs: Iterable[str] = ("RS256",)) -> None:
        """Make, publish and remove keys as is due, exactly once however many processes do it; then it is as `refresh`.

        Those of any other algorithm that has keys, too: clients that registered themselves may use it.
        """
        self.refresh(now)
        is_alone, is_changed = not self._snapshot.rows, False
        for alg in sorted({*algs, *self._snapshot.signers}):
            if life.due(self._of(alg), now, self._schedule, is_alone=is_alone):
                with self._database.write() as connection:
                    self._settle(connection, alg, now, is_alone=is_alone)
                self.notices.tell()
                is_changed = True
        is_changed |= self._hold_back(now)
        for kid in life.removable(self._snapshot.rows, now, self._schedule):
            with self._database.write() as connection:
                store.remove(connection, kid)
            log.info("key:removed", kid=kid)
            is_changed = True
        if is_changed:
            self.refresh(now)

    @contextmanager
    def changing(self, now: int) -> Iterator[Connection]:
        """The transaction of a change to the keys, and of its event. Once it is committed, every node hears of it."""
        with self._database.write() as connection:
            yield connection
        self.notices.tell()
        # Where nothing was read before, keys under a lost master key may stand beside it: they are revoked in turn.
        if self._snapshot is not EMPTY:
            self.refresh(now)
            return
        with self._database.read() as connection:
            self._tell(store.load(connection))

    def _tell(self, rows: Iterable[SigningKey]) -> None:
        for row in rows:
            if row.kid in self._made:
                self._made.discard(row.kid)
                log.info("key:published", kid=row.kid, alg=row.alg, active_from=row.active_from)
            if row.revoked_at is not None and row.kid in self._taken_back:
                self._taken_back.discard(row.kid)
                log.warning("key:revoked", kid=row.kid, alg=row.alg)

    def successor(self, rows: Sequence[SigningKey], alg: str, now: int, begins: Begins) -> Planned:
        """A successor to the newest key of this algorithm. `rows` are all keys, as they were just read.

        It begins when no cached JWKS lacks it (`ahead`), when every node publishes it (`soon`), or `at_once`: then even
        nodes may not know it. Of many that rotate away from the same key, one makes the successor.
        """
        # Where there is no key at all, no node runs yet.
        begins = begins if rows else "at_once"
        return self._planned(
            life.successor([row for row in rows if row.alg == alg], now, self._schedule, begins), alg, now
        )

    def replacement(self, rows: Sequence[SigningKey], kid: str, now: int) -> Planned | None:
        """Another key that signs instead of this one; None where it does not sign. `rows` are all keys.

        Once it begins, this one can be revoked, and every node has a key to sign with that every node publishes.
        """
        key = next((row for row in rows if row.kid == kid and row.revoked_at is None), None)
        of_alg = [row for row in rows if key is not None and row.alg == key.alg]
        if key is None or life.newest(row for row in of_alg if life.has_begun(row, now)) != key:
            return None
        return self._planned(life.successor(of_alg, now, self._schedule, "soon"), key.alg, now)

    def revoke(self, connection: Connection, kid: str, now: int) -> Revoked | None:
        """Take a key back: no token that it signed verifies any more. If it was active, another is so at once.

        Without `replacement` before, other nodes may not know that one. None when there is no such key.
        """
        alg = store.revoke(connection, kid, now)
        if alg is None:
            return None
        self._taken_back.add(kid)
        return Revoked(kid, alg, self._settle(connection, alg, now))

    def _begins(self, alg: str, now: int) -> int | None:
        try:
            self._snapshot.signer(alg, now)
        except NoSigningKey as lacking:
            return lacking.begins
        return now

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

    def _settle(self, connection: Connection, alg: str, now: int, *, is_alone: bool = False) -> str | None:
        """Do what is due; the `kid` of the key that was published or told to sign, if any."""
        done = None
        # A quicker process may have made the same key meanwhile: then the rows, read again, say what is left to do.
        while True:
            rows = [row for row in store.load(connection) if row.alg == alg]
            step = life.due(rows, now, self._schedule, is_alone=is_alone)
            if step is None:
                return done
            planned = self._planned(step, alg, now)
            done = planned.kid if planned.make(connection) else done

    def _hold_back(self, now: int) -> bool:
        """Let keys that are about to sign wait for the APIs that do not know them yet; whether there was one."""
        is_changed = False
        for row in self._snapshot.rows:
            until = life.held_until(row, now, self._schedule)
            if until is None:
                continue
            with self._database.read() as connection:
                behind = sum(is_behind(each, row) for each in jwks_readers.of(connection))
            if not behind:
                continue
            with self._database.write() as connection:
                is_held = store.postpone(connection, row.kid, row.active_from, until)
            if is_held:
                log.warning("key:held_back", kid=row.kid, alg=row.alg, active_from=until, behind=behind)
                self.notices.tell()
            is_changed = True
        return is_changed

    def _planned(self, step: Step, alg: str, now: int) -> Planned:
        if isinstance(step, Activate):
            return Planned(step.kid, alg, step.active_from)
        kid, der = material.make(alg, self._bits)
        self._made.add(kid)
        made = SigningKey(kid, alg, step.generation, self._master.seal(der), now, step.active_from)
        return Planned(kid, alg, step.active_from, made)

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
