"""Factors that are lost, codes too: an administrator's link takes them away, late enough for their owner to object."""

from dataclasses import dataclass, field

from authserver.people.change import Change
from authserver.store import devices, links
from authserver.store.factors import held, recovery_codes
from authserver.store.links import Kind, Link
from authserver.store.users import User

KIND: Kind = "factors"
WORKS_FOR = 3 * 86400


@dataclass(frozen=True, slots=True)
class FactorReset:
    """A link that takes all factors of a person away, once, between these two times, in seconds since the epoch."""

    link: str = field(repr=False)
    works_from: int
    expires_at: int


def request_factor_reset(change: Change, user: User) -> FactorReset | None:
    """Make the link, for an administrator to hand over, and tell the person at once; an older one is void.

    None where the person has no factor.
    """
    if not held.has_second(change.connection, user.sub):
        return None
    settings = change.post.settings
    works_from = change.now + settings.factor_reset_delay
    ends = works_from + WORKS_FOR
    token = links.make(
        change.connection,
        KIND,
        user.email or "",
        change.now,
        ends - change.now,
        sub=user.sub,
        detail={"works_from": works_from},
    )
    change.note("user:factors:reset_requested", user.sub, works_from=works_from)
    change.tell(user, "factor_reset_requested", works_from=works_from)
    return FactorReset(f"{settings.issuer}/reset-factors?token={token}", works_from, ends)


def works_from(link: Link) -> int:
    """When a link begins to work, in seconds since the epoch."""
    return int(link.detail["works_from"])


def cancel_factor_reset(change: Change, user: User) -> bool:
    """Void the link. False where there is none."""
    if not links.void_kind(change.connection, KIND, user.sub, change.now):
        return False
    change.note("user:factors:reset_canceled", user.sub)
    return True


def reset_factors(change: Change, user: User) -> None:
    """Take every factor and recovery code from a person whose link was spent."""
    held.remove_all(change.connection, user.sub)
    recovery_codes.replace(change.connection, user.sub, (), change.now)
    devices.distrust(change.connection, user.sub)
    change.note("user:factors:reset", user.sub)
    change.tell(user, "factors_changed", change="reset")
