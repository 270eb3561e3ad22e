"""`authserver clients history`: every clients.yaml that was live, who brought it, and what it changed."""

import json

import click

from authserver.cli import epilog
from authserver.cli.clients_file import JSON
from authserver.cli.context import (
    database_in_reach,
    load_master_key,
    load_settings,
    open_current_database,
    stop,
)
from authserver.cli.history.kept import in_one_line, when
from authserver.cli.history.kept import kept as kept_file
from authserver.cli.terminal import say
from authserver.history.past import PastFile, opened
from authserver.history.past import history as everything
from authserver.master_key import MasterKeyError


@click.command(epilog=epilog(("clients history", "clients history 11", "clients history --json")))
@click.argument("number", required=False, type=click.IntRange(min=1))
@JSON
def history(number: int | None, as_json: bool) -> None:
    """List the last 50 versions of clients.yaml that were live, the newest first; or print the text of one, by its
    NUMBER.

    Who: the owner of the file on the machine that took it first, or whoever ran `undo`.
    """
    settings = load_settings()
    master, database = load_master_key(settings), open_current_database(settings)
    if number is not None:
        try:
            click.echo(opened(kept_file(database, number), master).text, nl=False)
        except MasterKeyError as error:
            stop(str(error))
        return
    with database_in_reach(), database.read() as connection:
        kept = everything(connection, master)
    if as_json:
        click.echo(json.dumps([_as_json(each) for each in kept], indent=2))
        return
    rows: list[tuple[str, ...]] = [("NO", "LIVE SINCE", "WHO", "NODE", "HOW", "VERSION", "CHANGED")]
    rows += [_row(each) for each in kept]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        say("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]))


def _row(past: PastFile) -> tuple[str, ...]:
    file = past.file
    return (
        *(str(file.number), when(file.live_at), file.who, file.node, file.way, file.version),
        in_one_line(past.changed),
    )


def _as_json(past: PastFile) -> dict[str, object]:
    file, changed = past.file, past.changed
    return {
        "number": file.number,
        "live_at": file.live_at,
        "who": file.who,
        "node": file.node,
        "how": file.way,
        "version": file.version,
        "sha256": file.digest.hex(),
        "changed": None if changed is None else [{"kind": each.kind, "subject": each.subject} for each in changed],
    }
