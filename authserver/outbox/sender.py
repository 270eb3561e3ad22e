"""What empties the outbox: each destination by itself, so that one that is slow or away holds up no other."""

import json
import time
from collections.abc import Callable, Iterable
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Condition, Event, Thread

import structlog

from authserver.outbox import Sealer
from authserver.outbox.kind import AwayError, Deliver, Kind, LaterError, Payload, UndeliverableError
from authserver.store import outbox
from authserver.store.database import UNAVAILABLE, Database
from authserver.store.outbox import Job

# How long, longer each time, a destination is left alone that did not answer, in seconds.
PAUSE, LONGEST_PAUSE = 5.0, 60.0
# So many jobs for one destination, then others have their turn.
IN_A_ROW = 100
OLD_INTERVAL = 60
MOST_OLD = 100
NOT_IN_TIME = "it could not be delivered in time"
_log = structlog.get_logger("authserver")
Where = tuple[str, str]


@dataclass(slots=True)
class Rest:
    """A destination that is left alone until a moment of the monotonic clock."""

    until: float
    pause: float


@dataclass
class Sender:
    """One for a process. `alone` says whether this process is the one of its node that sends."""

    database: Database
    sealer: Sealer
    now: Callable[[], int]
    kinds: Iterable[Kind]
    alone: Callable[[], bool] = lambda: True
    pause: float = PAUSE
    _running: dict[Where, int] = field(default_factory=dict)
    _resting: dict[Where, Rest] = field(default_factory=dict)
    _served: dict[Where, float] = field(default_factory=dict)
    # Where the next look at a kind begins: of very many destinations each look sees some.
    _reached: dict[str, str] = field(default_factory=dict)
    _changed: Condition = field(default_factory=Condition)
    _look_for_old_at: int = 0

    def turn(self, stopped: Event | None = None) -> None:
        """Begin to deliver what is due, wherever nothing is under way or resting; give up what waited too long.

        Deliveries end early once `stopped` is set. Raises as the database does.
        """
        if not self.alone():
            return
        self._look_after_old()
        kinds = {kind.name: kind for kind in self.kinds if kind.obstacle is None}
        due = self._look(kinds.values())
        # Whoever was served longest ago comes first: many destinations with much to do take turns.
        for where in sorted(due, key=lambda where: self._served.get(where, 0.0)):
            for _ in range(min(due[where], kinds[where[0]].at_once_to_one)):
                if self._admit(kinds[where[0]], where):
                    self._begin(kinds[where[0]], where, stopped or Event())

    def _look(self, kinds: Iterable[Kind]) -> dict[Where, int]:
        due, whole = dict[Where, int](), set[str]()
        with self.database.read() as connection:
            for kind in kinds:
                begin = self._reached.get(kind.name, "")
                found = outbox.lanes(connection, kind.name, begin, self.now(), kind.at_once_to_one)
                due |= {(kind.name, destination): count for destination, count in found.due.items()}
                self._reached[kind.name] = found.following
                if not begin and not found.following:
                    whole.add(kind.name)
        with self._changed:
            for known in (self._served, self._resting):
                for where in [where for where in known if where[0] in whole and where not in due]:
                    del known[where]
        return due

    def settle(self, timeout: float | None = None) -> bool:
        """Wait until no delivery is under way; False where `timeout` seconds did not do."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, timeout)

    def _admit(self, kind: Kind, where: Where) -> bool:
        with self._changed:
            rest = self._resting.get(where)
            of_kind = sum(count for (name, _), count in self._running.items() if name == kind.name)
            to_one = self._running.get(where, 0)
            if (rest and time.monotonic() < rest.until) or of_kind >= kind.at_once or to_one >= kind.at_once_to_one:
                return False
            self._running[where] = to_one + 1
            self._served[where] = time.monotonic()
            return True

    def _begin(self, kind: Kind, where: Where, stopped: Event) -> None:
        thread = Thread(target=copy_context().run, args=(self._empty, kind, where, stopped), name="outbox", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # As many as the machine allows. Its place is given back, or nothing would ever go there again.
            self._end(where, is_away=True)
            _log.warning("outbox:away", job=kind.name, destination=where[1], reason=str(error))

    def _empty(self, kind: Kind, where: Where, stopped: Event) -> None:
        is_away = True
        try:
            with kind.connected(where[1]) as deliver:
                for _ in range(IN_A_ROW):
                    job = None if stopped.is_set() else self._claim(kind, where[1])
                    if job is None:
                        break
                    self._do(kind, job, deliver)
            is_away = False
        except AwayError as error:
            _log.warning("outbox:away", job=kind.name, destination=where[1], reason=str(error))
        except UNAVAILABLE as error:
            _log.warning("outbox:storage_failed", job=kind.name, reason=type(error).__name__)
        except Exception:
            _log.exception("outbox:failed", job=kind.name)
        finally:
            self._end(where, is_away=is_away)

    def _end(self, where: Where, *, is_away: bool) -> None:
        with self._changed:
            rest = self._resting.pop(where, None)
            if is_away:
                pause = min(LONGEST_PAUSE, 2 * rest.pause) if rest else self.pause
                self._resting[where] = Rest(time.monotonic() + pause, pause)
            self._running[where] -= 1
            if not self._running[where]:
                del self._running[where]
            self._changed.notify_all()

    def _claim(self, kind: Kind, destination: str) -> Job | None:
        with self.database.write() as connection:
            return outbox.claim(connection, kind.name, destination, self.now(), kind.lease)

    def _do(self, kind: Kind, job: Job, deliver: Deliver) -> None:
        payload = self._open(job)
        if payload is None:
            return self._postpone(kind, job, "no master key that is configured opens it")
        try:
            deliver(job.about, payload)
            return self._done(kind, job, payload)
        except UndeliverableError as error:
            return self._give_up(kind, job, payload, str(error))
        except LaterError as error:
            return self._postpone(kind, job, str(error))
        except AwayError as error:
            self._postpone(kind, job, str(error))
            raise
        except UNAVAILABLE:
            raise
        except Exception as error:
            _log.exception("outbox:failed", job=kind.name)
            return self._postpone(kind, job, type(error).__name__)

    def _done(self, kind: Kind, job: Job, payload: Payload) -> None:
        with self.database.write() as connection:
            if outbox.end(connection, job):
                kind.done(connection, job.about, payload)

    def _postpone(self, kind: Kind, job: Job, reason: str) -> None:
        with self.database.write() as connection:
            outbox.postpone(connection, job, self.now() + kind.delay(job.attempts), reason)
        _log.warning("outbox:postponed", job=kind.name, attempts=job.attempts, reason=reason, **job.about)

    def _give_up(self, kind: Kind, job: Job, payload: Payload, reason: str) -> None:
        with self.database.write() as connection:
            if outbox.end(connection, job):
                kind.abandoned(connection, job.about, payload, reason)

    def _open(self, job: Job) -> Payload | None:
        opened = self.sealer.try_unseal(job.sealed)
        return None if opened is None else json.loads(opened)

    def _look_after_old(self) -> None:
        now = self.now()
        if now < self._look_for_old_at:
            return
        is_first = not self._look_for_old_at
        self._look_for_old_at = now + OLD_INTERVAL
        for kind in self.kinds:
            if is_first and kind.obstacle:
                _log.warning("outbox:waits", job=kind.name, advice=kind.obstacle)
            with self.database.write() as connection:
                kind.take_over(connection)
                for job, reason in outbox.take_overdue(connection, kind.name, now - kind.life, now, MOST_OLD):
                    kind.abandoned(connection, job.about, self._open(job), reason or NOT_IN_TIME)
