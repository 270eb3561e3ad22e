"""Ways through people, each by an index: whoever looks for some reads no more of the rest than a page of them.

A walk begins after a place, which is a text and the `sub` of a person, and takes a bounded number of steps.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from heapq import merge
from itertools import islice
from string import ascii_lowercase, ascii_uppercase
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, bindparam, func, literal, or_, select, union

from authserver.protocol.person.email_address import email_key
from authserver.protocol.person.login_name import as_typed, login_key
from authserver.protocol.person.username import username_key
from authserver.store.engine.bytewise import LAST, bytewise, caseless
from authserver.store.engine.statement import Statement
from authserver.store.tables import user_groups, user_roles, users

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_most = bindparam("most", type_=BigInteger)


class WalkPlace(NamedTuple):
    """Where a walk stands: the text that it goes by, and whose it is."""

    text: str = ""
    sub: str = ""


class WalkStep(NamedTuple):
    """A person on a walk. `is_first`: they were not met at an earlier place."""

    place: WalkPlace
    is_first: bool = True


Walk = Callable[[Connection, WalkPlace, int], list[WalkStep]]


# What lies from the first text on and before the second.
Range = tuple[str, str]
_ENDS = ("begin", "end")
_TERMS = {
    "username": bytewise(users.c.username),
    "email_key": bytewise(users.c.email_key),
    "name": caseless(users.c.name),
}
_everybody = select(users.c.username, users.c.sub).where(users.c.username > bindparam("text"))
_everybody = _everybody.order_by(users.c.username).limit(_most)
_EVERYBODY, _DISABLED = Statement(_everybody), Statement(_everybody.where(users.c.disabled_at.is_not(None)))


def _one_after_another(sub: ColumnElement[str], *which: ColumnElement[bool]) -> Statement:
    return Statement(select(sub).distinct().where(sub > bindparam("sub"), *which).order_by(sub).limit(_most))


_WITH_ROLE = _one_after_another(user_roles.c.sub, user_roles.c.role == bindparam("role"))
_IN_GROUP = _one_after_another(user_groups.c.sub, user_groups.c.group_name == bindparam("group"))
_with_login = union(
    select(users.c.sub).where(users.c.username.in_((bindparam("login"), bindparam("exact")))),
    select(users.c.sub).where(users.c.email_key == bindparam("login")),
    select(users.c.sub).where(users.c.contested_key == bindparam("login")),
).subquery()
_WITH_LOGIN = _one_after_another(_with_login.c.sub)


def _begins(column: str) -> ColumnElement[bool]:
    term, ranges = _TERMS[column], ("name", "title") if column == "name" else (column,)
    return or_(*(and_(term >= bindparam(f"{each}_begin"), term < bindparam(f"{each}_end")) for each in ranges))


def in_range(column: str) -> Select[Any]:
    """Who has a term between `begin` and `end`, past the place, and whether none of their other terms comes before."""
    term, sub = _TERMS[column], bytewise(users.c.sub)
    lower = func.lower(users.c.name) if column == "name" else users.c[column]
    earlier = [and_(_begins(other), _TERMS[other] < term) for other in _TERMS if other != column]
    is_first = func.coalesce(~or_(*earlier), literal(True))
    return (
        select(lower.label("term"), users.c.sub, is_first.label("is_first"), users.c.disabled_at)
        .where(term >= bindparam("begin"), term < bindparam("end"))
        .where(or_(term > bindparam("text"), sub > bindparam("sub")))
        # Names alone are not unique.
        .order_by(term, *([sub] if column == "name" else []))
        .limit(_most)
    )


_BY = {column: Statement(in_range(column)) for column in _TERMS}
_TERMS_OF = Statement(
    select(users.c.sub, users.c.username, users.c.email_key, func.lower(users.c.name)).where(
        users.c.sub.in_(bindparam("people", expanding=True))
    )
)
_usernames = select(users.c.username).where(_TERMS["username"] >= bindparam("begin"))
_USERNAMES = Statement(
    _usernames.where(_TERMS["username"] < bindparam("end")).order_by(_TERMS["username"]).limit(_most)
)


def by_username(connection: Connection, place: WalkPlace, most: int) -> list[WalkStep]:
    """Everybody."""
    return _by_username(_EVERYBODY, connection, place, most)


def of_disabled(connection: Connection, place: WalkPlace, most: int) -> list[WalkStep]:
    """Who is shut out, by username."""
    return _by_username(_DISABLED, connection, place, most)


def of_role(role: str) -> Walk:
    """Who was given a role, by an administrator or a provider, by `sub`."""
    return lambda connection, place, most: _by_sub(_WITH_ROLE, connection, place, most, {"role": role})


def in_group(group: str) -> Walk:
    """Who is in a group, by `sub`."""
    return lambda connection, place, most: _by_sub(_IN_GROUP, connection, place, most, {"group": group})


def of_login(login: str) -> Walk:
    """Whose username or address this is, in any spelling: one, or the few who have it contested."""
    values = {"login": login_key(login), "exact": as_typed(login)}
    return lambda connection, place, most: _by_sub(_WITH_LOGIN, connection, place, most, values)


def beginning_with(typed: str) -> Walk:
    """Whose username, name or address begins so, by what begins so.

    Names are found in any case. On SQLite that is so for letters of ASCII, and for others where a word begins.
    """
    asked, bounds = stretches(typed)

    def walk(connection: Connection, place: WalkPlace, most: int) -> list[WalkStep]:
        values = {**bounds, "text": place.text, "sub": place.sub, "most": most}
        found = []
        for column, (begin, end) in asked:
            rows = _BY[column].rows(connection, {**values, "begin": max(begin, place.text), "end": end})
            found.append([WalkStep(WalkPlace(*row[:2]), bool(row[2])) for row in rows])
        return list(islice(merge(*found), most))

    return walk


def stretches(typed: str) -> tuple[list[tuple[str, Range]], dict[str, str]]:
    """Which columns have what was typed between which two texts, and the values that `in_range` needs of all of them.

    None where nothing was typed.
    """
    ranges = _ranges(typed)
    if ranges is None:
        return [], {}
    names = [("name", each) for each in sorted({ranges["name"], ranges["title"]})]
    bounds = {f"{name}_{end}": value for name, found in ranges.items() for end, value in zip(_ENDS, found, strict=True)}
    return [("username", ranges["username"]), ("email_key", ranges["email_key"]), *names], bounds


def among_few(connection: Connection, subs: Sequence[str], typed: str) -> Walk:
    """The walk of `beginning_with`, in its order and by its places, past nobody but these few, who are all read."""
    ranges, steps = _ranges(typed), list[WalkStep]()
    if ranges is not None and subs:
        username, address, *names = (ranges[name] for name in ("username", "email_key", "name", "title"))
        for sub, *terms in _TERMS_OF.rows(connection, {"people": subs}):
            found = zip(terms, ((username,), (address,), names), strict=True)
            begin_so = [term for term, wanted in found if term and any(begin <= term < end for begin, end in wanted)]
            if begin_so:
                steps.append(WalkStep(WalkPlace(min(begin_so), sub)))
    # By code points, as both databases compare these texts.
    steps.sort()

    def walk(_connection: Connection, place: WalkPlace, most: int) -> list[WalkStep]:
        begin = bisect_right(steps, WalkStep(place))
        return steps[begin : begin + most]

    return walk


def usernames_beginning_with(connection: Connection, typed: str, most: int) -> list[str]:
    """The first usernames that begin so."""
    begin, end = _range(username_key(typed))
    return _USERNAMES.column(connection, {"begin": begin, "end": end, "most": most})


def _by_username(statement: Statement, connection: Connection, place: WalkPlace, most: int) -> list[WalkStep]:
    return [WalkStep(WalkPlace(*row)) for row in statement.rows(connection, {"text": place.text, "most": most})]


def _by_sub(
    statement: Statement, connection: Connection, place: WalkPlace, most: int, values: dict[str, str]
) -> list[WalkStep]:
    rows = statement.column(connection, {**values, "sub": place.sub, "most": most})
    return [WalkStep(WalkPlace("", sub)) for sub in rows]


def _ranges(typed: str) -> dict[str, Range] | None:
    """Between what each term begins as was typed; a name in one of two. None where nothing was typed."""
    prefix = as_typed(typed)
    if not prefix:
        return None
    forms = {"username": username_key(prefix), "email_key": _address(prefix)}
    forms |= {"name": prefix.lower().translate(_LOWER), "title": prefix.title().translate(_LOWER)}
    return {name: _range(form) for name, form in forms.items()}


def _range(prefix: str) -> Range:
    return prefix, prefix + LAST


def _address(prefix: str) -> str:
    # The beginning of a domain has no A-label yet.
    whole = email_key(prefix)
    return whole if "@" in prefix and whole.isascii() else prefix.translate(_LOWER)
