"""The files that are kept, as each of these commands finds and names them."""

from datetime import UTC, datetime

import click

from authserver.cli.context import database_in_reach, stop
from authserver.history.difference import Difference
from authserver.store.database import Database
from authserver.store.live_files import files
from authserver.store.live_files.files import LiveFile

NUMBER = click.IntRange(min=1)
# Of the column: a database takes no greater number to compare with.
_GREATEST = 2**31 - 1
_SHOWN = 4


def kept(database: Database, number: int) -> LiveFile:
    """The file with this number; without one the command ends with status 1."""
    with database_in_reach(), database.read() as connection:
        file = files.find(connection, number) if number <= _GREATEST else None
    return file or stop(f"no file with the number {number} is kept; `authserver clients history` lists those that are")


def newest(database: Database) -> LiveFile:
    """The file that went live last; without one the command ends with status 1."""
    with database_in_reach(), database.read() as connection:
        file = files.newest(connection)
    return file or stop("no file is kept yet: a server writes each one down that it takes")


def when(at: int) -> str:
    """A time as people read it, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def in_one_line(changed: tuple[Difference, ...] | None) -> str:
    """What a file changed: `added client newsletter; changed role editor`."""
    if changed is None:
        return "-"
    parts = []
    for kind in ("added", "removed", "changed"):
        subjects = [each.subject for each in changed if each.kind == kind]
        if subjects:
            rest = len(subjects) - _SHOWN
            more = f" and {rest} more" if rest > 0 else ""
            parts.append(f"{kind} {', '.join(subjects[:_SHOWN])}{more}")
    return "; ".join(parts) or "only comments, order, or layout"
