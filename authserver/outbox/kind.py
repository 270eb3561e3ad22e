"""A kind of job: how it is delivered, for how long that is tried, and what is told of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from authserver.store import Connection

Payload = Mapping[str, Any]
About = Mapping[str, str]
Deliver = Callable[[About, Payload], None]
MINUTE, DAY = 60, 86400


class UndeliverableError(Exception):
    """The destination takes this job neither now nor later; the text says why, without a secret."""


class LaterError(Exception):
    """The destination does not take this job at this moment; it may take others."""


class AwayError(Exception):
    """The destination is away, or takes nothing at this moment."""


class Kind:
    """What a sender knows of jobs with this name. Durations are seconds.

    `lease` is longer than any delivery takes: then another sender takes the job over. A job is tried again after
    `first_delay`, and after twice as long each time up to `longest_delay`, and given up when it is `life` old.
    Of a kind there are at most `at_once` deliveries at a time in one process, and `at_once_to_one` to a destination.
    """

    name: ClassVar[str]
    at_once: ClassVar[int] = 1
    at_once_to_one: ClassVar[int] = 1
    first_delay: ClassVar[int] = 15
    longest_delay: ClassVar[int] = 15 * MINUTE
    lease: int = MINUTE
    life: int = DAY

    @property
    def obstacle(self) -> str | None:
        """Why nothing can be delivered, and what to do. Until that is done jobs wait, and no try counts."""
        return None

    @contextmanager
    def connected(self, destination: str) -> Iterator[Deliver]:  # noqa: ARG002 - for kinds that connect
        """What delivers one job after another. Raises AwayError, and the function that it gives all three errors."""
        yield self.deliver

    def deliver(self, about: About, payload: Payload) -> None:
        """Hand one job over, outside any transaction."""

    def done(self, connection: Connection, about: About, payload: Payload) -> None:
        """What comes of it, kept together with its end: all of it, or the job is done again."""

    def abandoned(self, connection: Connection, about: About, payload: Payload | None, reason: str) -> None:
        """Tell that it was given up. `payload` is None where no key opens it."""

    def take_over(self, connection: Connection) -> None:
        """Put down the jobs that an earlier release left in tables of its own. Asked for once a minute."""

    def delay(self, attempts: int) -> int:
        """How long to wait after so many attempts, which is one or more."""
        return min(self.longest_delay, self.first_delay << min(attempts - 1, 16))
