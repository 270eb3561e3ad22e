"""Whom a second factor that is required from a date on will hit: those who have none."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache

from authserver.access.required import required_factor
from authserver.plan.consequence import Consequence, listed
from authserver.protocol.client.registry import Registry
from authserver.store.holdings import Holding

SUBJECT = "second factor"


def factors(
    without: Iterable[Holding], before: Registry, after: Registry, now: int, *, with_names: bool
) -> Iterator[Consequence]:
    """What a rule that is new or changed asks of people who have no second factor."""
    rule = after.second_factor
    if rule == before.second_factor:
        return
    if rule is None:
        yield Consequence("gained", SUBJECT, "is no longer required of anybody")
        return
    hit, names = 0, list[str]()
    for each in _concerned(without, after):
        hit += 1
        # A million names are kept only for whoever asked for them.
        if with_names:
            names.append(each.username)
    begins = "is required now" if rule.is_in_force(now) else f"is required from {_moment(rule.begins_at)} on"
    whose = f"of people with the role {listed(rule.roles)}" if rule.roles else "of everybody"
    what = f"{begins} {whose}; who has none must set one up before they go on"
    yield Consequence("lost" if hit else "told", SUBJECT, what, hit, tuple(sorted(names)))


def _concerned(without: Iterable[Holding], registry: Registry) -> Iterator[Holding]:
    # Few were given what nobody else was, as where everybody is looked at.
    @cache
    def concerns(roles: str, groups: str) -> bool:
        return required_factor(registry, roles.split(), groups.split()) is not None

    return (each for each in without if concerns(each.roles, each.groups))


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC").replace(" 00:00 UTC", "")
