"""Who may give which roles and groups, and so whom they may change.

A name opens more than its permissions say: clients that `allow` it, and systems that read it in a token. So it is not
enough that somebody's own permissions are as large. https://owasp.org/Top10/A01_2021-Broken_Access_Control/
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from authserver.access.effective import all_roles, effective_roles
from authserver.access.permissions import powers
from authserver.protocol.client.registry import EVERY_PERMISSION, Registry


@dataclass(frozen=True, slots=True)
class Names:
    """Roles and groups. Of somebody who gives: the roles that count, and the groups that they are in."""

    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.roles or self.groups)


def beyond(registry: Registry, own: Names, roles: Collection[str], groups: Collection[str] = ()) -> Names:
    """What somebody who has `own` may not give of these roles and groups, with all that they bring along.

    Where it is empty they may give them, and change a person who was given exactly these. A name may be given by who
    has it, by whoever may do everything (`admin:all`), and by who has a role that may give it. A role that opens
    nothing but its permissions may also be given by who has all of these. A name that no file declares opens nothing.
    """
    if may_do_everything(registry, own.roles):
        return Names()
    giving = givable(registry, own)
    counting = frozenset(effective_roles(registry, roles, groups)) - giving.roles
    named, permitted = known_by_name(registry), powers(registry, own.roles)
    return Names(
        frozenset(role for role in counting if role in named or not powers(registry, (role,)) <= permitted),
        frozenset(groups).intersection(registry.groups) - giving.groups,
    )


def may_do_everything(registry: Registry, roles: Iterable[str]) -> bool:
    """Whether one of these roles is every permission of every API, of today and of tomorrow."""
    return any(EVERY_PERMISSION in registry.roles.get(role, ()) for role in roles)


def givable(registry: Registry, own: Names) -> Names:
    """The names that somebody who has `own` may give, whatever they open: theirs, and those that their roles let give.

    What these bring along is among them. What a role that is given may give in its turn is not: that takes having it.
    """
    let = frozenset[str]().union(*(registry.may_give.get(role, ()) for role in own.roles))
    groups = own.groups | let.intersection(registry.groups)
    brought = {role for group in groups for role in registry.groups.get(group, ())}
    return Names(own.roles | frozenset(all_roles(registry, let | brought)), groups)


def known_by_name(registry: Registry) -> frozenset[str]:
    """The roles that open something by their name, beside their permissions.

    Those that add no permission, and so are good as a name alone; that a client allows in; that let others be given;
    `admin:all`, which is more than all permissions there are. Every role, where a client reads the names of roles.
    """
    if registry.index.read_roles:
        return frozenset(registry.roles)
    more = {role for role in registry.roles if _is_more_than_permissions(registry, role)}
    return frozenset(more.union(registry.index.allowing))


def _is_more_than_permissions(registry: Registry, role: str) -> bool:
    given, brought = registry.roles[role], registry.included[role] - {role}
    adds_nothing = given <= frozenset[str]().union(*(registry.roles[each] for each in brought))
    return (
        adds_nothing
        or EVERY_PERMISSION in given
        or any(registry.may_give.get(each) for each in registry.included[role])
    )
