"""Who can do more or less: everybody's roles, permissions, and clients, at both versions of clients.yaml."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from authserver.access.reach import Reach, reach
from authserver.plan.consequence import Consequence, Effect
from authserver.protocol.client.registry import Registry
from authserver.store.holdings import Holding

# An effect, and what it is about: `("lost", "role editor")`.
Change = tuple[Effect, str]
_SENTENCES: dict[Effect, dict[str, str]] = {
    "lost": {"role": "is lost", "permission": "is lost", "client": "can no longer be signed in to"},
    "gained": {"role": "is gained", "permission": "is gained", "client": "can be signed in to"},
}


def people(
    everybody: Iterable[Holding], before: Registry, after: Registry, *, with_names: bool
) -> Iterator[Consequence]:
    """What everybody loses and gains. A client that is new or removed is told of as a client, not here."""
    counts: Counter[Change] = Counter()
    names: defaultdict[Change, list[str]] = defaultdict(list)
    changes = _changes_of(before, after)
    for person in everybody:
        for change in changes(person.roles, person.groups):
            counts[change] += 1
            if with_names:
                names[change].append(person.username)
    for change in sorted(counts):
        effect, subject = change
        what = _SENTENCES[effect][subject.partition(" ")[0]]
        yield Consequence(effect, subject, what, counts[change], tuple(sorted(names[change])))


def _changes_of(before: Registry, after: Registry) -> Callable[[str, str], tuple[Change, ...]]:
    both = before.clients.keys() & after.clients.keys()

    # Few were given what nobody else was: each set of names is worked out once, however many people have it.
    @cache
    def changes(roles: str, groups: str) -> tuple[Change, ...]:
        old, new = (reach(registry, roles.split(), groups.split()) for registry in (before, after))
        return (*_more("lost", old, new, both), *_more("gained", new, old, both))

    return changes


def _more(effect: Effect, one: Reach, other: Reach, clients: Iterable[str]) -> Iterator[Change]:
    yield from ((effect, f"role {role}") for role in one.roles - other.roles)
    yield from ((effect, f"permission {name} of {api}") for api, name in one.permissions - other.permissions)
    yield from ((effect, f"client {name}") for name in (one.clients - other.clients).intersection(clients))
