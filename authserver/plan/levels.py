"""Whom a level of authentication that is newly required finds without any way to it: who must set up a factor first."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from authserver.access.effective import effective_roles
from authserver.plan.consequence import Consequence
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.store import Connection
from authserver.store.factors import means
from authserver.store.holdings import Holding, holdings

# Whether a requirement concerns somebody with these roles.
Concerns = Callable[[frozenset[str]], bool]


def levels(
    connection: Connection, before: Registry, after: Registry, now: int, *, with_names: bool
) -> Iterator[Consequence]:
    """What each requirement that is new, or another than before, would do; `now` in seconds since the epoch."""
    asked = list(_required(before, after))
    if not asked:
        return
    have = means.of_everybody(connection)
    stopped, named = [0] * len(asked), [list[str]() for _ in asked]
    roles_of = _roles_in(after)
    for person in holdings(connection, now):
        roles = roles_of(person)
        methods = have.get(person.username, frozenset())
        for index, (_, level, concerns) in enumerate(asked):
            if concerns(roles) and not any(way <= methods for way in after.levels.ways[level]):
                stopped[index] += 1
                # A million names are kept only for whoever asked for them.
                if with_names:
                    named[index].append(person.username)
    for index, (subject, level, _) in enumerate(asked):
        who = stopped[index]
        what = f"requires the level {level}"
        if who:
            what += "; whoever is counted here has no factor that reaches it, and is asked to set one up"
        yield Consequence("lost" if who else "told", subject, what, who or None, tuple(sorted(named[index])))


def _required(before: Registry, after: Registry) -> Iterator[tuple[str, str, Concerns]]:
    for name, client in after.clients.items():
        old = before.client(name)
        if client.require_acr and not _stays(before, after, old.require_acr if old else None, client.require_acr):
            yield f"client {name}", client.require_acr, _may_sign_in(client)
    for name, api in after.apis.items():
        was = before.apis[name].require_acr if name in before.apis else None
        if api.require_acr and not _stays(before, after, was, api.require_acr):
            yield (
                f"API {name}",
                api.require_acr,
                _has_one_of(r for r, given in after.permissions[name].items() if given),
            )
    for role, needed in after.role_acr.items():
        for level in sorted(needed):
            known = before.role_acr.get(role, frozenset())
            if not any(_stays(before, after, each, level) for each in known):
                yield f"role {role}", level, _has_one_of((role,))


def _may_sign_in(client: Client) -> Concerns:
    return lambda roles: client.allowed_roles is None or bool(client.allowed_roles & roles)


def _has_one_of(names: Iterable[str]) -> Concerns:
    wanted = frozenset(names)
    return lambda roles: bool(wanted & roles)


def _stays(before: Registry, after: Registry, was: str | None, becomes: str) -> bool:
    """Whether the same was required before, in the same ways."""
    return was == becomes and before.levels.ways.get(becomes) == after.levels.ways.get(becomes)


def _roles_in(registry: Registry) -> Callable[[Holding], frozenset[str]]:
    # Few were given what nobody else was, as where everybody is looked at.
    @cache
    def roles(given: str, groups: str) -> frozenset[str]:
        return frozenset(effective_roles(registry, given.split(), groups.split()))

    return lambda person: roles(person.roles, person.groups)
