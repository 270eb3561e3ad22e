"""How far roles that let others be given lead: some reach `admin:all`, at once or by way of others."""

from collections.abc import Iterator

from authserver.access.effective import all_roles
from authserver.access.giving import may_do_everything
from authserver.protocol.client.registry import Registry

Way = tuple[str, ...]


def ways_to_everything(registry: Registry) -> Iterator[Way]:
    """The shortest way from each role with `may_give` to a name that brings `admin:all`: `(lead, moderator, admin)`.

    Of a role that may do everything itself there is none to tell.
    """
    for role in registry.may_give:
        if not may_do_everything(registry, (role,)) and (way := _way(registry, role)) is not None:
            yield way


def _way(registry: Registry, role: str) -> Way | None:
    ways: list[Way] = [(role, name) for name in sorted(registry.may_give[role])]
    seen = {way[-1] for way in ways}
    for way in ways:
        brought = all_roles(registry, (way[-1], *registry.groups.get(way[-1], ())))
        if may_do_everything(registry, brought):
            return way
        following = sorted(frozenset[str]().union(*(registry.may_give.get(each, ()) for each in brought)) - seen)
        seen.update(following)
        # The list grows while it is walked: the nearest come first.
        ways += [(*way, name) for name in following]
    return None
