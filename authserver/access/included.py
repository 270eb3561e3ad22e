"""Roles that bundle other roles: everything that each one brings along, and the circles that cannot be."""

from collections.abc import Iterable, Iterator, Mapping

Includes = Mapping[str, Iterable[str]]


def included_roles(includes: Includes) -> dict[str, frozenset[str]]:
    """Each role with everything that it brings along, itself too, however deep."""
    found: dict[str, frozenset[str]] = {}
    for role in includes:
        reached, waiting = {role}, [role]
        while waiting:
            for other in includes.get(waiting.pop(), ()):
                if other not in reached:
                    reached.add(other)
                    waiting.append(other)
        found[role] = frozenset(reached)
    return found


def circles(includes: Includes) -> Iterator[tuple[str, ...]]:
    """Every circle once, as the way round it: `(lead, user, lead)`. It begins with the role that was declared first."""
    finished: set[str] = set()
    for role in includes:
        # A stack of its own: a chain of thousands of roles is no reason to fail.
        way, branches = [role], [iter(includes.get(role, ()))]
        while branches and role not in finished:
            following = next(branches[-1], None)
            if following is None:
                finished.add(way.pop())
                branches.pop()
            elif following in way:
                yield (*way[way.index(following) :], following)
            elif following not in finished:
                way.append(following)
                branches.append(iter(includes.get(following, ())))
