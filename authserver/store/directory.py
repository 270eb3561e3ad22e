"""People as the management API finds and changes them: by page, by version, with their groups."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Integer, bindparam, delete, exists, func, insert, or_, select, update

from authserver.protocol.person.login_name import as_typed, login_key
from authserver.store.tables import user_groups, user_roles, users
from authserver.store.users import SELECT_USER, User, user_of

_has_role = exists().where(user_roles.c.sub == users.c.sub, user_roles.c.role == bindparam("role"))
_is_in_group = exists().where(user_groups.c.sub == users.c.sub, user_groups.c.group_name == bindparam("group"))
_PAGE = (
    SELECT_USER.where(
        users.c.username > bindparam("after"),
        or_(
            bindparam("any_login"),
            users.c.username.in_((bindparam("login"), bindparam("exact"))),
            users.c.email_key == bindparam("login"),
            users.c.contested_key == bindparam("login"),
        ),
        or_(bindparam("role") == "", _has_role),
        or_(bindparam("group") == "", _is_in_group),
        or_(bindparam("state") != "disabled", users.c.disabled_at.is_not(None)),
        or_(bindparam("state") != "enabled", users.c.disabled_at.is_(None)),
    )
    .order_by(users.c.username)
    .limit(bindparam("most"))
)
_HOLD = update(users).where(
    users.c.sub == bindparam("person"),
    or_(bindparam("seen", type_=Integer).is_(None), users.c.version == bindparam("seen", type_=Integer)),
)
_TOUCH = update(users).where(users.c.sub == bindparam("person")).values(updated_at=bindparam("now"))
_LEAVE_GROUPS = delete(user_groups).where(user_groups.c.sub == bindparam("person"))
_JOIN_GROUP = insert(user_groups)
_ROLES = select(user_roles.c.role, func.count(user_roles.c.sub.distinct())).group_by(user_roles.c.role)
_GROUPS = select(user_groups.c.group_name, func.count()).group_by(user_groups.c.group_name)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people: with this username or address, role, group; disabled or not. Empty and None mean all."""

    login: str = ""
    role: str = ""
    group: str = ""
    disabled: bool | None = None


def page(connection: Connection, wanted: Wanted, after: str, most: int) -> list[User]:
    """Up to `most` people by username, past the username `after`."""
    values = {
        "after": after,
        "any_login": not wanted.login,
        "login": login_key(wanted.login),
        "exact": as_typed(wanted.login),
        "role": wanted.role,
        "group": wanted.group,
        "state": {None: "", True: "disabled", False: "enabled"}[wanted.disabled],
        "most": most,
    }
    return [user_of(row) for row in connection.execute(_PAGE, values)]


def hold(connection: Connection, sub: str, version: int | None) -> bool:
    """Take a person as they were seen, at this version or at any, until the transaction ends. False where that is over.

    Of two that saw the same version, one gets past here.
    """
    return connection.execute(_HOLD, {"person": sub, "seen": version}).rowcount == 1


def set_groups(connection: Connection, sub: str, groups: Iterable[str], now: int) -> None:
    """Set a person's groups to exactly these. The next token that is issued says so."""
    connection.execute(_LEAVE_GROUPS, {"person": sub})
    rows = [{"sub": sub, "group_name": group} for group in sorted(set(groups))]
    if rows:
        connection.execute(_JOIN_GROUP, rows)
    connection.execute(_TOUCH, {"person": sub, "now": now})


def roles_in_use(connection: Connection) -> dict[str, int]:
    """Every role that somebody was given, declared or not, and how many people have it."""
    return {str(role): int(count) for role, count in connection.execute(_ROLES)}


def groups_in_use(connection: Connection) -> dict[str, int]:
    """Every group that somebody is in, declared or not, and how many people are."""
    return {str(group): int(count) for group, count in connection.execute(_GROUPS)}
