"""People from elsewhere: each is put in whole, or not at all, and never twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, or_, select
from sqlalchemy.exc import IntegrityError

from authserver.protocol.person.claims import PROFILE
from authserver.protocol.person.email_address import email_key
from authserver.store import person_claims
from authserver.store.addresses import LoginError
from authserver.store.engine.statement import Statement
from authserver.store.tables import deleted_subs, user_groups, user_roles, users
from authserver.store.users import INSERTED, new_sub

AT_A_TIME = 500
_table = users.c
_SAME = Statement(
    select(_table.sub, _table.username).where(
        or_(
            _table.username == bindparam("username"),
            _table.email_key == bindparam("email_key"),
            _table.contested_key == bindparam("email_key"),
            _table.sub == bindparam("sub"),
        )
    )
)
_IS_DELETED = Statement(select(exists().where(deleted_subs.c.sub == bindparam("sub"))))
_COLUMNS = (*INSERTED, "disabled_at")
_INSERT = Statement(insert(users), columns=_COLUMNS)
_INSERT_ROLE = Statement(insert(user_roles), columns=("sub", "role", "source"))
_INSERT_GROUP = Statement(insert(user_groups))
_PROFILE = person_claims.kept_claims(PROFILE)
_KEPT = (
    _table.username,
    _table.sub,
    _table.email,
    _table.email_verified,
    *(_table[name] for name in PROFILE),
    _table.own_claims.label("claims"),
    _table.password_hash,
    _table.created_at,
    _table.updated_at,
    _table.disabled_at,
)
_NAMES = tuple(column.name for column in _KEPT)
_AFTER = Statement(select(*_KEPT).where(_table.username > bindparam("last")).order_by(_table.username).limit(AT_A_TIME))
_ROLES = Statement(
    select(user_roles.c.sub, user_roles.c.role)
    # What a provider gave for a time must not come back as what an administrator gave for good.
    .where(user_roles.c.sub.in_(bindparam("people", expanding=True)), user_roles.c.source == "admin")
    .order_by(user_roles.c.role)
)
_GROUPS = Statement(
    select(user_groups.c.sub, user_groups.c.group_name)
    .where(user_groups.c.sub.in_(bindparam("people", expanding=True)))
    .order_by(user_groups.c.group_name)
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The person of a line, and whether they were put in just now."""

    sub: str
    is_new: bool


def put(
    connection: Connection, person: Mapping[str, Any], roles: tuple[str, ...], now: int, groups: tuple[str, ...] = ()
) -> Outcome:
    """Put a person in, or find them there already, which changes nothing.

    `person` holds columns of the table, the username in its form, and `claims`. Raises `LoginError` where the username,
    the address or the `sub` is somebody else's, or the `sub` was that of a person who was deleted.
    """
    email = person.get("email")
    key = email_key(email) if email else None
    keys = {"username": person["username"], "sub": person.get("sub"), "email_key": key}
    found = _SAME.rows(connection, keys)
    if found:
        sub, username = found[0]
        is_same = len(found) == 1 and username == keys["username"] and keys["sub"] in (None, sub)
        if not is_same:
            raise LoginError("the username, email address, or sub belongs to another person")
        return Outcome(sub, is_new=False)
    said = person_claims.kept({name: person.get(name) for name in PROFILE})
    said["own_claims"] = person_claims.own_kept(person.get("claims") or {})
    columns = {name: value for name, value in person.items() if name != "claims"} | said
    row: dict[str, Any] = dict.fromkeys(_COLUMNS) | {"email_verified": False, "created_at": now, "updated_at": now}
    row |= {**columns, "sub": keys["sub"] or new_sub(), "email_key": key}
    try:
        with connection.begin_nested():
            _INSERT.run(connection, row)
            # Looked up once the row is held: a deletion that this one waited for is seen.
            if _IS_DELETED.value(connection, {"sub": row["sub"]}):
                raise LoginError(
                    "the sub belonged to a deleted person and is never given again; leave it out to get a new one"
                )
            given = ({"sub": row["sub"], "role": role, "source": "admin"} for role in sorted(set(roles)))
            _INSERT_ROLE.run_each(connection, given)
            joined = ({"sub": row["sub"], "group_name": group} for group in sorted(set(groups)))
            _INSERT_GROUP.run_each(connection, joined)
    except IntegrityError:
        raise LoginError("the username, email address, or sub is taken") from None
    return Outcome(row["sub"], is_new=True)


def everybody(connection: Connection) -> Iterator[dict[str, Any]]:
    """Everybody's columns, `roles` and `groups` (None without any), by username.

    Some at a time: however many there are, few are in memory.
    """
    last = ""
    while found := some(connection, last):
        yield from found
        last = found[-1]["username"]


def some(connection: Connection, last: str) -> list[dict[str, Any]]:
    """As `everybody`: the next 500 past this username."""
    rows = [dict(zip(_NAMES, row, strict=True)) for row in _AFTER.rows(connection, {"last": last})]
    people: list[dict[str, Any]] = []
    if not rows:
        return people
    roles: dict[str, list[str]] = {row["sub"]: [] for row in rows}
    for sub, role in _ROLES.rows(connection, {"people": list(roles)}):
        roles[sub].append(role)
    groups: dict[str, list[str]] = {}
    for sub, group in _GROUPS.rows(connection, {"people": list(roles)}):
        groups.setdefault(sub, []).append(group)
    for row in rows:
        said = person_claims.said(_PROFILE, [row[name] for name in _PROFILE.standard])
        said["claims"] = person_claims.own_of(row["claims"]) or None
        people.append({**row, **said, "roles": roles[row["sub"]], "groups": groups.get(row["sub"])})
    return people
