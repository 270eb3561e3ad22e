"""People as the management API finds and changes them: by page, by version, with their groups."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from authserver.store.engine.statement import Statement
from authserver.store.search import walks
from authserver.store.search.passing import Budget, passing
from authserver.store.search.walks import Walk, WalkPlace
from authserver.store.tables import user_groups, user_roles, users
from authserver.store.users import SELECT_USER, User, user_of

# One page reads at most so many people in so many steps. Past that it is given as it is, and the next one goes on.
STEP, MOST_STEPS = 500, 10
# Entries of indexes that a search among many reads for a page. Each costs 4 to 9 µs: together less than 50 ms.
MOST_READ = 5_000
# Counting ends here: to count everybody, each time somebody looks, would cost more than it tells.
MOST_COUNTED = 10_000
# And for a role or group here, of which a page shows many.
MOST_WITH_NAME = 1_000
# People who are read one by one and then compared, because this is less than to walk all who match the words.
FEW = 2_000

_has_role = exists().where(user_roles.c.sub == users.c.sub, user_roles.c.role == bindparam("role"))
_is_in_group = exists().where(user_groups.c.sub == users.c.sub, user_groups.c.group_name == bindparam("group"))
_AMONG = Statement(
    SELECT_USER.where(
        users.c.sub.in_(bindparam("people", expanding=True)),
        or_(bindparam("role") == "", _has_role),
        or_(bindparam("group") == "", _is_in_group),
        or_(bindparam("state") != "disabled", users.c.disabled_at.is_not(None)),
        or_(bindparam("state") != "enabled", users.c.disabled_at.is_(None)),
    )
)
_HOLD = Statement(
    update(users).where(
        users.c.sub == bindparam("person"),
        or_(bindparam("seen", type_=Integer).is_(None), users.c.version == bindparam("seen", type_=Integer)),
    )
)
_TOUCH = Statement(update(users).where(users.c.sub == bindparam("person")).values(updated_at=bindparam("now")))
_LEAVE_GROUPS = Statement(delete(user_groups).where(user_groups.c.sub == bindparam("person")))
_JOIN_GROUP = Statement(insert(user_groups))


_COUNT = Statement(select(func.count()).select_from(select(users.c.sub).limit(MOST_COUNTED).subquery()))
_ADDED = Statement(
    select(users.c.created_at)
    .where(users.c.created_at >= bindparam("since", type_=BigInteger))
    .order_by(users.c.created_at.desc())
    .limit(MOST_COUNTED + 1)
)
_KEPT_BY_ANOTHER = Statement(
    select(users.c.sub)
    .where(
        users.c.sub != bindparam("person"),
        users.c.disabled_at.is_(None),
        or_(
            users.c.sub.in_(
                select(user_roles.c.sub).where(
                    user_roles.c.role.in_(bindparam("roles", expanding=True)), user_roles.c.source == "admin"
                )
            ),
            users.c.sub.in_(
                select(user_groups.c.sub).where(user_groups.c.group_name.in_(bindparam("groups", expanding=True)))
            ),
        ),
    )
    .limit(1)
    # Of two who take it from each other at once, neither finds the other.
    .with_for_update(read=True, skip_locked=True)
)


class InUse:
    """The names in a column of a table of people's, and how many people have each."""

    def __init__(self, name: Column[str], sub: Column[str]) -> None:
        self._next = Statement(select(name).where(name > bindparam("last")).order_by(name).limit(1))
        some = select(sub).distinct().where(name == bindparam("name")).order_by(sub).limit(MOST_WITH_NAME)
        self._count = Statement(select(func.count()).select_from(some.subquery()))

    def counts(self, connection: Connection) -> dict[str, int]:
        """By name, `MOST_WITH_NAME` at most."""
        found, last = dict[str, int](), ""
        while (name := self._next.value(connection, {"last": last})) is not None:
            found[name] = self.count(connection, name)
            last = name
        return found

    def count(self, connection: Connection, name: str) -> int:
        """How many people have this one, `MOST_WITH_NAME` at most."""
        return self._count.value(connection, {"name": name}) or 0


_ROLES, _GROUPS = InUse(user_roles.c.role, user_roles.c.sub), InUse(user_groups.c.group_name, user_groups.c.sub)


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people: with this username or address, role, group; disabled or not. Empty and None mean all.

    `search`: whose username, name or address begins so.
    """

    login: str = ""
    role: str = ""
    group: str = ""
    disabled: bool | None = None
    search: str = ""


ALL = PeopleFilter()


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """Some people, and the place that the next page begins after; None where there are no more."""

    people: list[User]
    next: WalkPlace | None


def page(connection: Connection, wanted: PeopleFilter, after: WalkPlace, most: int) -> DirectoryPage:
    """Up to `most` people past a place.

    They come by username; those searched for by what begins so; those with a role or in a group by `sub`. A page that
    has fewer, even none, is the last one only where it says so.
    """
    few = _few(connection, wanted) if wanted.search and not wanted.login else None
    if few is None and wanted.search and not wanted.login and _is_filtered(wanted):
        return _searched(connection, wanted, after, most)
    walk, people, place = _walk(connection, wanted, few), dict[str, User](), after
    for number in range(MOST_STEPS):
        step = most if number == 0 else STEP
        met = walk(connection, place, step)
        among = _among(connection, wanted, [sub for (_, sub), is_first in met if is_first])
        for where, is_first in met:
            place = where
            if is_first and where.sub in among:
                people[where.sub] = among[where.sub]
                if len(people) == most:
                    return DirectoryPage(list(people.values()), _next(walk, connection, place))
        if len(met) < step:
            return DirectoryPage(list(people.values()), None)
    return DirectoryPage(list(people.values()), place)


def everybody(connection: Connection, wanted: PeopleFilter = ALL) -> Iterator[User]:
    """All of these people, in the order of pages. However many there are, few are in memory."""
    place: WalkPlace | None = WalkPlace()
    while place is not None:
        found = page(connection, wanted, place, STEP)
        yield from found.people
        place = found.next


def _searched(connection: Connection, wanted: PeopleFilter, after: WalkPlace, most: int) -> DirectoryPage:
    """A page of a search among many, who are filtered by the database."""
    budget, found, place = Budget(MOST_READ), dict[str, None](), after
    steps = passing(connection, wanted.search, _filter(wanted), after, budget)
    is_more = False
    for step in steps:
        place = step.place
        if step.is_first:
            found[place.sub] = None
        if len(found) == most or (budget.left <= 0 and not step.is_first):
            is_more = next(steps, None) is not None or budget.left <= 0
            break
    people = _among(connection, wanted, list(found))
    return DirectoryPage([people[sub] for sub in found if sub in people], place if is_more else None)


def _is_filtered(wanted: PeopleFilter) -> bool:
    return bool(wanted.role or wanted.group) or wanted.disabled is not None


def _walk(connection: Connection, wanted: PeopleFilter, few: list[str] | None) -> Walk:
    """The way that leads past the fewest others."""
    if wanted.login:
        return walks.of_login(wanted.login)
    if wanted.search:
        if few is not None:
            return walks.among_few(connection, few, wanted.search)
        return walks.beginning_with(wanted.search)
    if wanted.disabled:
        return walks.of_disabled
    if wanted.role:
        return walks.of_role(wanted.role)
    return walks.in_group(wanted.group) if wanted.group else walks.by_username


def _few(connection: Connection, wanted: PeopleFilter) -> list[str] | None:
    """All with the role, in the group, or shut out: the first of these that hardly anybody is. None without one."""
    ways: list[Walk] = [walks.of_disabled] if wanted.disabled else []
    ways += [walks.of_role(wanted.role)] if wanted.role else []
    ways += [walks.in_group(wanted.group)] if wanted.group else []
    for way in ways:
        met = way(connection, WalkPlace(), FEW + 1)
        if len(met) <= FEW:
            return [step.place.sub for step in met]
    return None


def _among(connection: Connection, wanted: PeopleFilter, subs: list[str]) -> dict[str, User]:
    if not subs:
        return {}
    return {user.sub: user for user in map(user_of, _AMONG.rows(connection, {"people": subs, **_filter(wanted)}))}


def _filter(wanted: PeopleFilter) -> dict[str, str]:
    state = {None: "", True: "disabled", False: "enabled"}[wanted.disabled]
    return {"role": wanted.role, "group": wanted.group, "state": state}


def _next(walk: Walk, connection: Connection, place: WalkPlace) -> WalkPlace | None:
    return place if walk(connection, place, 1) else None


def hold(connection: Connection, sub: str, version: int | None) -> bool:
    """Take a person as they were seen, at this version or at any, until the transaction ends. False where that is over.

    Of two that saw the same version, one gets past here.
    """
    return _HOLD.run(connection, {"person": sub, "seen": version}) == 1


def set_groups(connection: Connection, sub: str, groups: Iterable[str], now: int) -> None:
    """Set a person's groups to exactly these. The next token that is issued says so."""
    _LEAVE_GROUPS.run(connection, {"person": sub})
    _JOIN_GROUP.run_each(connection, ({"sub": sub, "group_name": group} for group in sorted(set(groups))))
    _TOUCH.run(connection, {"person": sub, "now": now})


def count(connection: Connection) -> int:
    """How many people there are, `MOST_COUNTED` at most."""
    return int(_COUNT.value(connection) or 0)


def added_at(connection: Connection, since: int) -> tuple[list[int], bool]:
    """When those who are here were added, from `since` on, in seconds since the epoch, the newest first.

    `MOST_COUNTED` at most; says whether there are more.
    """
    found = list(_ADDED.column(connection, {"since": since}))
    return found[:MOST_COUNTED], len(found) > MOST_COUNTED


def is_kept_by_another(connection: Connection, sub: str, roles: Iterable[str], groups: Iterable[str]) -> bool:
    """Whether somebody else, who is not disabled, was given one of these by an administrator.

    They have it until the transaction ends. Whoever is being changed at this moment does not count.
    """
    values = {"person": sub, "roles": sorted(roles), "groups": sorted(groups)}
    return _KEPT_BY_ANOTHER.row(connection, values) is not None


def roles_in_use(connection: Connection) -> dict[str, int]:
    """Every role that somebody was given, declared or not, and how many people have it, `MOST_WITH_NAME` at most."""
    return _ROLES.counts(connection)


def groups_in_use(connection: Connection) -> dict[str, int]:
    """Every group that somebody is in, declared or not, and how many people are, `MOST_WITH_NAME` at most."""
    return _GROUPS.counts(connection)


def with_role(connection: Connection, role: str) -> int:
    """How many people were given this role, `MOST_WITH_NAME` at most."""
    return _ROLES.count(connection, role)


def in_group(connection: Connection, group: str) -> int:
    """How many people are in this group, `MOST_WITH_NAME` at most."""
    return _GROUPS.count(connection, group)
