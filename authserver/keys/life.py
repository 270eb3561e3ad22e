"""The life of a signing key: next → active → retired → removed. Pure: what holds follows from times alone.

A key is published before its first use and after its last (OpenID Connect Core 1.0 §10.1.1,
https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from authserver.people_settings import HOUR
from authserver.settings import Settings
from authserver.store.keys import SigningKey

State = Literal["next", "active", "retired", "revoked"]
# When a new key begins: after every cached JWKS knows it, as soon as every node publishes it, or this second.
Begins = Literal["ahead", "soon", "at_once"]

# No token lives longer; the margin is for workers that learn late that a key has retired.
LONGEST_TOKEN = HOUR
MARGIN = 600
# A key is published for at least so long before it signs: every node reads the keys every five seconds, and is not
# ready when it has not for ten.
SETTLING = 20
# By how much the nodes' ideas of the database's clock may differ: less than it takes them to warn.
CLOCKS = 2
# A key that waits for APIs is looked at this long before it signs, and then signs so much later. No later than `SURELY`
# before, since every node must hear of it in time.
LOOK_AT, LATER, SURELY = 300, HOUR, 60


@dataclass(frozen=True, slots=True)
class Schedule:
    """Seconds: between two keys, from publication to first use, from last use to removal; and how much later than
    planned the first use may be."""

    rotation: int
    publish_ahead: int
    retain: int
    hold_back: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            rotation=settings.key_rotation,
            publish_ahead=max(settings.key_publish_ahead, SETTLING),
            retain=max(settings.key_retain, LONGEST_TOKEN + MARGIN),
            hold_back=settings.key_hold_back,
        )


@dataclass(frozen=True, slots=True)
class Publish:
    """A key of this generation is due; it begins at `active_from`."""

    generation: int
    active_from: int


@dataclass(frozen=True, slots=True)
class Activate:
    """This key, which waits, must begin then."""

    kid: str
    active_from: int


Step = Publish | Activate


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a key stands: since when, and until when as far as is known. Seconds since the epoch."""

    kid: str
    alg: str
    state: State
    since: int
    until: int


def has_begun(key: SigningKey, now: int) -> bool:
    """Whether a key has ever signed: one revoked while it waited has not."""
    return key.active_from <= now and (key.revoked_at is None or key.revoked_at >= key.active_from)


def is_waiting(key: SigningKey, now: int) -> bool:
    """Whether a key is published and not yet in use."""
    return key.revoked_at is None and key.active_from > now


def newest(keys: Iterable[SigningKey]) -> SigningKey | None:
    """The key of the highest generation."""
    return max(keys, key=lambda key: key.generation, default=None)


def due(keys: Sequence[SigningKey], now: int, schedule: Schedule, *, is_alone: bool = False) -> Step | None:
    """What must happen now to the keys of one `alg`, if anything.

    `is_alone`: no node runs yet, so that nobody's JWKS lacks a key that begins at once.
    """
    last = newest(key for key in keys if has_begun(key, now))
    waiting = [key for key in keys if is_waiting(key, now)]
    following = max((key.generation for key in keys), default=0) + 1
    if last is None:
        return None if waiting else Publish(following, now if is_alone else now + SETTLING)
    if last.revoked_at is not None:
        # Nothing signs any more: who revoked a key without waiting for its successor said what that costs.
        return Activate(waiting[0].kid, now) if waiting else Publish(following, now)
    if not waiting and now >= last.active_from + schedule.rotation - schedule.publish_ahead:
        return Publish(following, max(last.active_from + schedule.rotation, now + schedule.publish_ahead))
    return None


def successor(keys: Sequence[SigningKey], now: int, schedule: Schedule, begins: Begins) -> Step:
    """How the newest of the keys of one `alg` gets a successor that begins then."""
    waiting = next((key for key in keys if is_waiting(key, now)), None)
    published = now if waiting is None else waiting.created_at
    begin = now if begins == "at_once" else published + (SETTLING if begins == "soon" else schedule.publish_ahead)
    if waiting is None:
        # Of an algorithm that has no key yet, nobody can have cached any.
        first = not keys and begins == "ahead"
        return Publish(max((key.generation for key in keys), default=0) + 1, now + SETTLING if first else begin)
    return Activate(waiting.kid, min(waiting.active_from, max(now, begin)))


def held_until(key: SigningKey, now: int, schedule: Schedule) -> int | None:
    """When a key that is about to sign would do so if it waits for APIs once more; None where it does not wait.

    One that was told to sign soon is never held back, and no other for more than the schedule allows.
    """
    planned = key.created_at + schedule.publish_ahead
    if key.revoked_at is not None or key.active_from < planned or not SURELY < key.active_from - now <= LOOK_AT:
        return None
    until = min(key.active_from + LATER, planned + schedule.hold_back)
    return until if until > key.active_from else None


def is_held_back(key: SigningKey, now: int, schedule: Schedule) -> bool:
    """Whether a key would sign already, had it not waited for APIs."""
    return is_waiting(key, now) and key.active_from > key.created_at + schedule.publish_ahead + MARGIN


def retired_since(key: SigningKey, keys: Iterable[SigningKey], now: int) -> int | None:
    """When a later key took over; None while none has."""
    later = (k.active_from for k in keys if k.generation > key.generation and has_begun(k, now))
    return min(later, default=None)


def stage(key: SigningKey, keys: Sequence[SigningKey], now: int, schedule: Schedule) -> Stage:
    """Where a key stands among the keys of its `alg`."""
    if key.revoked_at is not None:
        return Stage(key.kid, key.alg, "revoked", key.revoked_at, key.revoked_at + schedule.retain)
    if key.active_from > now:
        return Stage(key.kid, key.alg, "next", key.created_at, key.active_from)
    retired = retired_since(key, keys, now)
    if retired is not None:
        return Stage(key.kid, key.alg, "retired", retired, retired + schedule.retain)
    follower = newest(k for k in keys if is_waiting(k, now))
    until = follower.active_from if follower else key.active_from + schedule.rotation
    return Stage(key.kid, key.alg, "active", key.active_from, until)


def stages(keys: Sequence[SigningKey], now: int, schedule: Schedule) -> list[Stage]:
    """Where every key stands."""
    return [stage(key, [k for k in keys if k.alg == key.alg], now, schedule) for key in keys]


def removable(keys: Sequence[SigningKey], now: int, schedule: Schedule) -> list[str]:
    """The `kid` of every key that no living token needs and nobody has to remember."""
    return [
        each.kid for each in stages(keys, now, schedule) if each.state in {"retired", "revoked"} and now >= each.until
    ]
