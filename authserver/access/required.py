"""Whether a second factor is required of somebody, by the roles that count."""

from collections.abc import Collection

from authserver.access.effective import effective_roles
from authserver.protocol.client.registry import Registry
from authserver.protocol.factors.required import RequiredFactor


def required_factor(registry: Registry, roles: Collection[str], groups: Collection[str]) -> RequiredFactor | None:
    """The rule that a person with these roles and groups falls under, whatever its date; None where there is none."""
    rule = registry.second_factor
    if rule is None or not rule.roles:
        return rule
    return rule if rule.concerns(effective_roles(registry, roles, groups)) else None
