"""What an administrator does to the keys, without the event that pages, API and commands keep with it."""

from collections.abc import Sequence

from authserver.keys import Keys
from authserver.keys.life import Begins
from authserver.store.keys import SigningKey


def publish(keys: Keys, rows: Sequence[SigningKey], now: int, alg: str = "RS256", *, begins: Begins = "ahead") -> bool:
    """Give the newest of these keys a successor; False where nothing was changed."""
    planned = keys.successor(rows, alg, now, begins)
    with keys.changing(now) as connection:
        return planned.make(connection)


def rotate(keys: Keys, now: int, alg: str = "RS256", *, begins: Begins = "ahead") -> SigningKey:
    """Give the newest key a successor; the newest key, whoever made it."""
    publish(keys, keys.refresh(now), now, alg, begins=begins)
    return next(row for row in reversed(keys.refresh(now)) if row.alg == alg and row.revoked_at is None)


def replace(keys: Keys, kid: str, now: int) -> int:
    """See that another key signs instead of this one, if it does; from when on."""
    planned = keys.replacement(keys.refresh(now), kid, now)
    if planned is None:
        return now
    with keys.changing(now) as connection:
        planned.make(connection)
    return planned.active_from


def revoke(keys: Keys, kid: str, now: int) -> bool:
    """Take a key back; False where there is none to take back."""
    with keys.changing(now) as connection:
        return keys.revoke(connection, kid, now) is not None
