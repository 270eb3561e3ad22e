"""Roles and groups: who may do what. Whether an administrator may give them is asked before."""

from collections.abc import Iterable

from authserver.people.access import end_access
from authserver.people.change import Change
from authserver.protocol.client.registry import EVERY_PERMISSION, Registry
from authserver.store import directory, users
from authserver.store.upstream import mapped_roles
from authserver.store.users import Ended, User

NOTHING = Ended(0, 0)


def set_roles(change: Change, user: User, roles: Iterable[str], *, end: bool = False) -> bool:
    """Set a person's roles to exactly these, whoever gave the earlier ones; `end` what runs. False if nothing changed.

    The next token that is issued says so.
    """
    before, after = user.every_role, tuple(sorted(set(roles)))
    users.set_roles(change.connection, user.sub, after, change.now)
    if before != after:
        change.note("user:roles:changed", user.sub, before=list(before), after=list(after))
    _finish(change, user, end=end, roles=(before, after), groups=(user.groups, user.groups))
    return before != after


def set_groups(change: Change, user: User, groups: Iterable[str], *, end: bool = False) -> bool:
    """Set a person's groups to exactly these; `end` what runs. False if they were in just these."""
    after = tuple(sorted(set(groups)))
    if user.groups != after:
        directory.set_groups(change.connection, user.sub, after, change.now)
        change.note("user:groups:changed", user.sub, before=list(user.groups), after=list(after))
    _finish(change, user, end=end, roles=(user.roles, user.roles), groups=(user.groups, after))
    return user.groups != after


def leaves_nobody(
    change: Change, registry: Registry, user: User, *, roles: Iterable[str] = (), groups: Iterable[str] = ()
) -> bool:
    """Whether nobody would be left who may do everything (`admin:all`), if this person had these alone, or were gone.

    To be asked in the transaction that changes them, once nobody else can. Who may do everything by a provider's word
    does not count: it can end without anybody here.
    """
    everything = {role for role, given in registry.roles.items() if EVERY_PERMISSION in given}
    bringing = {group for group, brought in registry.groups.items() if not everything.isdisjoint(brought)}

    def may_do_everything(roles: Iterable[str], groups: Iterable[str]) -> bool:
        return not (everything.isdisjoint(roles) and bringing.isdisjoint(groups))

    if registry.default_role in everything or user.disabled_at is not None:
        return False
    if not may_do_everything(user.roles, user.groups) or may_do_everything(roles, groups):
        return False
    return not directory.is_kept_by_another(change.connection, user.sub, everything, bringing)


def map_roles(change: Change, user: User, provider: str, roles: Iterable[str], *, lifetime: int = 0) -> None:
    """Give a person these roles by a provider's claims, for `lifetime` seconds, in place of those that it gave before.

    The provider's administrators decide so, at a sign-in there: it is an event, and no letter for each sign-in.
    """
    wanted = sorted(set(roles))
    if mapped_roles.map_roles(change.connection, user.sub, provider, wanted, change.now, lifetime=lifetime):
        change.note("user:roles:mapped", user.sub, roles=wanted, provider=provider)


Pair = tuple[tuple[str, ...], tuple[str, ...]]


def _finish(change: Change, user: User, *, end: bool, roles: Pair, groups: Pair) -> None:
    ended = end_access(change, user) if end else NOTHING
    if roles[0] != roles[1] or groups[0] != groups[1]:
        change.tell(user, "roles_changed", roles=roles, groups=groups, is_signed_out=end)
    elif ended.counts:
        change.tell(user, "access_ended", **ended.counts)
