"""People of a table, put in or only tried: what becomes of each row, where a bad one keeps no other from its place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from authserver.people.add import take_in
from authserver.people.change import Change
from authserver.people.invitation import invite
from authserver.people.lines.person import LineError, LineRules, PersonLine
from authserver.people.lines.table import TableRow
from authserver.store import imports
from authserver.store.addresses import LoginError

Becomes = Literal["new", "there", "bad"]
# Why somebody may not put this person in, with these roles and groups; None where they may.
Refusal = Callable[[PersonLine, tuple[str, ...], tuple[str, ...]], str | None]


@dataclass(frozen=True, slots=True)
class TakenRow:
    """What becomes of a row, and the roles and groups that the person has then; of a bad one, why."""

    number: int
    username: str
    becomes: Becomes
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    is_invited: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Taking:
    """How rows are put in. `invites`: those who are new and have an address, by mail. `is_rehearsal`: nothing is told
    to anybody, and the caller takes back what was put in."""

    rules: LineRules
    refusal: Refusal
    invites: bool
    is_rehearsal: bool


def take_in_rows(change: Change, rows: Iterable[TableRow], taking: Taking) -> list[TakenRow]:
    """Put them in, within the transaction of the change."""
    return [_taken(change, row, taking) for row in rows]


def _taken(change: Change, row: TableRow, taking: Taking) -> TakenRow:
    if row.person is None:
        return TakenRow(row.number, row.username, "bad", fault=row.fault)
    person = row.person
    try:
        roles, groups = taking.rules.checked(person)
        if why := taking.refusal(person, roles, groups):
            raise LineError(why)
        columns = person.columns(change.now)
        if taking.is_rehearsal:
            outcome = imports.put(change.connection, columns, roles, change.now, groups)
        else:
            outcome = take_in(change, columns, roles, groups)
    except (LineError, LoginError) as error:
        return TakenRow(row.number, row.username, "bad", fault=str(error))
    if not outcome.is_new:
        return TakenRow(row.number, row.username, "there")
    to = person.email if taking.invites else None
    if to and not taking.is_rehearsal:
        invite(change, to, username=None, name=None, roles=(), by_mail=True)
    return TakenRow(row.number, row.username, "new", roles, groups, to is not None)
