"""Whether a second factor is required of somebody who has none, by the rule of clients.yaml and its date."""

from dataclasses import dataclass

from authserver.access.required import required_factor
from authserver.protocol.factors.required import RequiredFactor
from authserver.server import Server
from authserver.store import Connection, holdings
from authserver.store.factors import held
from authserver.store.users import User


def rule_for(server: Server, user: User) -> RequiredFactor | None:
    """The rule that this person falls under, before its date and after; None where there is none.

    Roles count wherever they come from: one that counts in some sessions alone is to be guarded before the first.
    """
    return required_factor(server.registry, user.roles_anywhere(server.now()), user.groups)


@dataclass(frozen=True, slots=True)
class Lacking:
    """How many people must have a second factor and have none; `is_cut`: there are more, who were not looked at."""

    count: int
    is_cut: bool


# Of whom it is asked whether they have one, and one is required: a page must not wait for a million.
MOST_LOOKED_AT = 10_000


def lacking(connection: Connection, server: Server) -> Lacking | None:
    """Of how many people one is required who have none, whatever its date; None where none is required."""
    registry = server.registry
    if registry.second_factor is None:
        return None
    found, is_cut = holdings.first_without_factor(connection, server.now(), MOST_LOOKED_AT)
    concerned = sum(required_factor(registry, each.roles.split(), each.groups.split()) is not None for each in found)
    return Lacking(concerned, is_cut)


def is_lacking(connection: Connection, server: Server, user: User) -> bool:
    """Whether this person must set one up before they go on."""
    rule = rule_for(server, user)
    return rule is not None and rule.is_in_force(server.now()) and not held.has_second(connection, user.sub)


def lacking_from(connection: Connection, server: Server, user: User) -> int | None:
    """When this person has to have set one up, in seconds since the epoch; None where they need none, or have one."""
    rule = rule_for(server, user)
    return None if rule is None or held.has_second(connection, user.sub) else rule.begins_at
