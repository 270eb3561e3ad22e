"""`authserver clients diff`: what one clients.yaml that was live changed, by entries and fields, or line by line."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from difflib import unified_diff

import click

from authserver.cli import epilog
from authserver.cli.clients_file import JSON
from authserver.cli.context import load_master_key, load_settings, open_current_database, stop
from authserver.cli.history.kept import NUMBER, kept, newest, when
from authserver.cli.terminal import say
from authserver.history.difference import Difference, Edit, differences
from authserver.history.past import opened
from authserver.master_key import MasterKey, MasterKeyError
from authserver.store.live_files.files import LiveFile

_MARKS = {"added": "+", "removed": "-", "changed": "~"}


@click.command(epilog=epilog(("clients diff", "clients diff 11", "clients diff 7 11 --text")))
@click.argument("a", required=False, type=NUMBER)
@click.argument("b", required=False, type=NUMBER)
@click.option("--text", "as_text", is_flag=True, help="Show lines, comments too, instead of entries and fields.")
@JSON
def diff(a: int | None, b: int | None, as_text: bool, as_json: bool) -> None:
    """Show what the newest version of clients.yaml changed, or the one with the number A; or what differs from A to B.

    `authserver clients history` lists their numbers.
    """
    if as_text and as_json:
        raise click.UsageError("--text and --json exclude each other")
    settings = load_settings()
    master, database = load_master_key(settings), open_current_database(settings)
    if b is None:
        last = kept(database, newest(database).number if a is None else a)
        if last.number == 1:
            stop("number 1 is the first: there is none before it to compare it with")
        first = kept(database, last.number - 1)
    else:
        first, last = kept(database, a or 0), kept(database, b)
    try:
        _show(first, last, master, as_text=as_text, as_json=as_json)
    except MasterKeyError as error:
        stop(str(error))


def _show(first: LiveFile, last: LiveFile, master: MasterKey, *, as_text: bool, as_json: bool) -> None:
    was, becomes = opened(first, master), opened(last, master)
    if as_text:
        old, new = (each.text.decode("utf-8-sig").splitlines() for each in (was, becomes))
        for line in unified_diff(old, new, _title(first), _title(last), lineterm=""):
            say(line)
        return
    found = differences(was.data, becomes.data)
    if as_json:
        report = {"from": first.number, "to": last.number, "differences": [asdict(each) for each in found]}
        click.echo(json.dumps(report, indent=2))
        return
    say(f"{_title(first)} → {_title(last)}")
    for each in found:
        say(f"{_MARKS[each.kind]} {each.subject}")
        for line in _edits(each):
            say(f"    {line}")
    if not found:
        say("only comments, order, or layout differ: --text shows the lines")


def _title(file: LiveFile) -> str:
    return f"number {file.number}, live since {when(file.live_at)}, by {file.who}"


def _edits(difference: Difference) -> Iterator[str]:
    width = max((len(each.field) for each in difference.edits), default=0)
    for each in difference.edits:
        yield f"{each.field:<{width}}  {_edit(each)}".strip()


def _edit(edit: Edit) -> str:
    if edit.was is None:
        return f"+ {edit.becomes}"
    return f"- {edit.was}" if edit.becomes is None else f"{edit.was} → {edit.becomes}"
