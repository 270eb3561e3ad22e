"""Whether a second factor is required of somebody who has none, by the rule of clients.yaml and its date."""

from authserver.access.effective import effective_roles
from authserver.protocol.factors.required import RequiredFactor
from authserver.server import Server
from authserver.store import Connection
from authserver.store.factors import held
from authserver.store.users import User


def rule_for(server: Server, user: User) -> RequiredFactor | None:
    """The rule that this person falls under, before its date and after; None where there is none.

    Roles count wherever they come from: one that counts in some sessions alone is to be guarded before the first.
    """
    rule, now = server.registry.second_factor, server.now()
    if rule is None or not rule.roles:
        return rule
    roles = effective_roles(server.registry, user.roles_anywhere(now), user.groups)
    return rule if rule.concerns(roles) else None


def is_lacking(connection: Connection, server: Server, user: User) -> bool:
    """Whether this person must set one up before they go on."""
    rule = rule_for(server, user)
    return rule is not None and rule.is_in_force(server.now()) and not held.has_second(connection, user.sub)


def lacking_from(connection: Connection, server: Server, user: User) -> int | None:
    """When this person has to have set one up, in seconds since the epoch; None where they need none, or have one."""
    rule = rule_for(server, user)
    return None if rule is None or held.has_second(connection, user.sub) else rule.begins_at
