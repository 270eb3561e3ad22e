"""People as a table: CSV as spreadsheets write it.

RFC 4180. https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from authserver.people.lines.person import LineError, PersonLine, read
from authserver.protocol.client.registry import Registry
from authserver.protocol.person.claims import FIELDS, PROFILE
from authserver.protocol.person.own_claims import OwnClaim
from authserver.protocol.spreadsheet import line, plain

MOST_ROWS = 500
OWN = "claims."
_FIRST = ("username", "email", "email_verified", "roles", "groups")
COLUMNS = (*_FIRST, *FIELDS)
# What an export says beside, and what nobody sets by a table.
SAID = ("sub", "created_at", "updated_at", "disabled_at")
_YES, _NO = {"true", "yes", "1", "wahr", "ja"}, {"false", "no", "0", "falsch", "nein"}


class TableError(ValueError):
    """A text that is no table of people; says why."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line that it begins in, from 1, what it names the person, and the person or what is wrong."""

    number: int
    username: str
    person: PersonLine | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Its rows, and the columns that are not taken in."""

    rows: tuple[TableRow, ...]
    left_out: tuple[str, ...]


def read_table(text: str, registry: Registry) -> Table:
    """The rows of a table whose first line names the columns. Raises TableError where it is none."""
    text = text.removeprefix("\ufeff")
    if "\ufffd" in text:
        raise TableError("there are characters that were not UTF-8: save the table as “CSV UTF-8”")
    first = text.partition("\n")[0]
    reader = csv.reader(StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    names: list[str] | None = None
    rows: list[TableRow] = []
    try:
        begins = 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if names is None:
                    names = _named(cells, registry.known.own)
                elif len(rows) == MOST_ROWS:
                    raise TableError(f"there are more than {MOST_ROWS} rows: split the table, or use the command line")
                else:
                    rows.append(_row(begins, names, cells, registry.known.own))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"line {reader.line_num}: {error}") from None
    if not rows:
        raise TableError("there are no rows beside the names of the columns")
    return Table(tuple(rows), tuple(name for name in names or () if name in SAID))


def _named(cells: list[str], own: Mapping[str, OwnClaim]) -> list[str]:
    names = [cell.strip() for cell in cells]
    known = {*COLUMNS, *SAID, *(OWN + name for name in own)}
    if unknown := [name for name in names if name not in known]:
        raise TableError(f"line 1: there is no column {unknown[0][:64]!r}; known: {', '.join(sorted(known))}")
    if "username" not in names:
        raise TableError("line 1: the column 'username' is missing")
    if len(set(names)) < len(names):
        raise TableError("line 1: a column is named twice")
    return names


def _row(number: int, names: list[str], cells: list[str], own: Mapping[str, OwnClaim]) -> TableRow:
    given = {name: text for name, cell in zip(names, cells, strict=False) if (text := plain(cell))}
    username = given.get("username", "")
    try:
        if len(cells) > len(names):
            raise LineError("there are more cells than columns")
        person = read(json.dumps(_values(given, own)).encode())
    except LineError as error:
        return TableRow(number, username, None, str(error))
    return TableRow(number, username, person)


def _values(given: Mapping[str, str], own: Mapping[str, OwnClaim]) -> dict[str, Any]:
    """The cells of a row, as a line has them."""
    values: dict[str, Any] = {}
    claims: dict[str, Any] = {}
    for name, text in given.items():
        if name in {"roles", "groups"}:
            values[name] = text.split()
        elif name.startswith(OWN):
            claim = own[name.removeprefix(OWN)]
            claims[claim.name] = _truth(text) if claim.type == "boolean" else claim.typed(text)
        elif name in SAID:
            continue
        elif name == "email_verified" or (name in PROFILE and PROFILE[name].type == "boolean"):
            values[name] = _truth(text)
        elif name in PROFILE or name in _FIRST:
            values[name] = text
        else:
            object_, _, member = name.partition("_")
            values.setdefault(object_, {})[member] = text
    return {"username": "", **values} | ({"claims": claims} if claims else {})


def _truth(text: str) -> Any:
    """A yes or no, as spreadsheets write it; or the text itself, which is then refused as none."""
    return True if text.lower() in _YES else False if text.lower() in _NO else text


def written_table(people: Iterable[Mapping[str, Any]], own: Iterable[str]) -> Iterator[str]:
    """These people, as `store.imports.everybody` has them, as the lines of a table; the names of the columns first."""
    claims = sorted(own)
    yield line([*COLUMNS, *(OWN + name for name in claims), *SAID])
    for person in people:
        kept = person["claims"] or {}
        yield line(
            [
                *(_value(person, name) for name in COLUMNS),
                *(kept.get(name) for name in claims),
                *(person[name] for name in SAID),
            ]
        )


def _value(person: Mapping[str, Any], name: str) -> object:
    if name in {"roles", "groups"}:
        return " ".join(person[name] or ())
    if name in PROFILE or name in _FIRST:
        return person[name]
    object_, _, member = name.partition("_")
    return (person[object_] or {}).get(member)
