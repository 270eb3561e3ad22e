"""A search among people with a role, in a group, or disabled or not: the database reads past everybody else.

What begins as was typed is walked as in `walks`, in the same order and by the same places.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Integer, bindparam, func, literal, or_, select, union_all

from authserver.store.engine.bytewise import bytewise
from authserver.store.engine.statement import Statement
from authserver.store.search.walks import Range, WalkPlace, WalkStep, in_range, stretches
from authserver.store.tables import user_groups, user_roles

# An index is read in stretches, each longer than the one before: where many pass the filter, the first ones do.
FIRST, LONGEST = 100, 1600


@dataclass(slots=True)
class Budget:
    """How many entries of indexes may still be read, beside the first stretch of each."""

    left: int


def passing(
    connection: Connection, typed: str, wanted: Mapping[str, str], after: WalkPlace, budget: Budget
) -> Iterator[WalkStep]:
    """The steps past this place to people who pass, by what begins so. `wanted` are role, group, and state.

    Between them are steps that lead to nobody (not `is_first`): so far everybody was looked at. Once nothing is left of
    the budget, the next one of these is where another page goes on.
    """
    asked, bounds = stretches(typed)
    values = {**bounds, **wanted}
    return merge(*(_along(connection, column, between, values, after, budget) for column, between in asked))


def _along(
    connection: Connection, column: str, between: Range, values: Mapping[str, str], after: WalkPlace, budget: Budget
) -> Iterator[WalkStep]:
    place, most, (begin, end) = after, FIRST, between
    while True:
        here = {"begin": max(begin, place.text), "end": end, "text": place.text, "sub": place.sub, "most": most}
        rows = _PASSING[column].rows(connection, {**values, **here})
        read = max((row[2] for row in rows), default=0)
        budget.left -= read
        yield from sorted(WalkStep(WalkPlace(term, sub)) for term, sub, number in rows if not number)
        if read < most:
            return
        place = next(WalkPlace(term, sub) for term, sub, number in rows if number)
        yield WalkStep(place, is_first=False)
        if budget.left <= 0:
            return
        most = min(2 * most, LONGEST, budget.left)


def _passing(column: str) -> Statement:
    """Those who pass, among the next entries of an index; and the last of these entries, with how many there are."""
    met = in_range(column).cte("met").prefix_with("MATERIALIZED")
    # One look-up by key for each: of EXISTS, PostgreSQL may make a table of everybody who has the role.
    role = _one(user_roles.c.role, user_roles.c.sub == met.c.sub, user_roles.c.role == bindparam("role"))
    group = _one(
        user_groups.c.group_name, user_groups.c.sub == met.c.sub, user_groups.c.group_name == bindparam("group")
    )
    passes = select(met.c.term, met.c.sub, literal(0, Integer).label("number")).where(
        met.c.is_first,
        or_(bindparam("role") == "", role.is_not(None)),
        or_(bindparam("group") == "", group.is_not(None)),
        or_(bindparam("state") != "disabled", met.c.disabled_at.is_not(None)),
        or_(bindparam("state") != "enabled", met.c.disabled_at.is_(None)),
    )
    number = select(func.count()).select_from(met).scalar_subquery()
    last = select(met.c.term, met.c.sub, number.label("number"))
    last = last.order_by(bytewise(met.c.term).desc(), bytewise(met.c.sub).desc()).limit(1)
    return Statement(select(union_all(passes, select(last.subquery())).subquery()))


def _one(column: Column[Any], *which: ColumnElement[bool]) -> Any:
    return select(column).where(*which).limit(1).scalar_subquery()


_PASSING = {column: _passing(column) for column in ("username", "email_key", "name")}
