"""Who must have a second factor, and from when on."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequiredFactor:
    """A second factor is required from `begins_at`, in seconds since the epoch: of whoever has one of `roles`.

    Without roles, of everybody.
    """

    begins_at: int
    roles: frozenset[str] = frozenset()

    def concerns(self, roles: Collection[str]) -> bool:
        """Whether it is required of somebody with these roles."""
        return not self.roles or not self.roles.isdisjoint(roles)

    def is_in_force(self, now: int) -> bool:
        """Whether the date has come."""
        return self.begins_at <= now
