"""A change to the keys of one algorithm: worked out, with the new key at hand, and made by one statement."""

from dataclasses import dataclass

from authserver.store import Connection
from authserver.store import keys as store
from authserver.store.keys import SigningKey


@dataclass(frozen=True, slots=True)
class Planned:
    """The key `kid` begins at `active_from`, in seconds since the epoch. It is `new`, or one that waits."""

    kid: str
    alg: str
    active_from: int
    new: SigningKey | None = None

    def make(self, connection: Connection) -> bool:
        """Make the change, in the transaction that keeps its event.

        False where this changed nothing: somebody was quicker, or the key that waits begins by then anyway.
        """
        if self.new is None:
            return store.activate(connection, self.kid, self.active_from)
        return store.publish(connection, self.new)


@dataclass(frozen=True, slots=True)
class Revoked:
    """A key that was taken back, and the one that was published, or told to sign, because of it."""

    kid: str
    alg: str
    successor: str | None
