"""`authserver clients plan`: what a changed clients.yaml would do before it is live."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from authserver.cli.clients_file import JSON, WITHOUT_SECRETS, load_or_exit
from authserver.cli.context import database_in_reach, load_settings, open_current_database
from authserver.clients.load import LoadedFile
from authserver.plan.consequence import Consequence, counted
from authserver.plan.plan import Plan
from authserver.plan.plan import plan as compare
from authserver.store import clock

# The statuses of the command, beside those of every command.
LOST, DISAPPOINTED = 3, 4
_SHOWN = 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--who", is_flag=True, help="Name everybody concerned.")
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file that is in force. Default: AUTHSERVER_CLIENTS_FILE.",
)
@WITHOUT_SECRETS
@JSON
def plan(file: Path, who: bool, against: Path | None, without_secrets: bool, as_json: bool) -> None:
    """Show what FILE would do if it took the place of the clients.yaml in force: who loses or gains what.

    Nothing is changed. Status 0: nobody loses anything. 1: FILE is refused. 3: something is lost. 4: something that
    FILE expects would not hold.
    """
    settings = load_settings()
    in_force = against or settings.clients_file
    before = load_or_exit(settings, in_force, with_secrets=not without_secrets)
    after = load_or_exit(settings, file, with_secrets=not without_secrets)
    database = open_current_database(settings)
    now = clock.now(database)
    with database_in_reach(), database.read() as connection:
        found = compare(
            connection,
            before.registry,
            after.registry,
            now,
            expected=after.expected,
            with_names=who,
            with_secrets=not without_secrets,
        )
    warnings = _new_warnings(before, after)
    if as_json:
        click.echo(
            json.dumps({"against": str(in_force), "file": str(file), **asdict(found), "warnings": warnings}, indent=2)
        )
    else:
        _print(in_force, file, found, warnings, after)
    sys.exit(_status(found))


def _status(found: Plan) -> int:
    if found.disappointed:
        return DISAPPOINTED
    return LOST if found.count("lost") else 0


def _new_warnings(before: LoadedFile, after: LoadedFile) -> list[str]:
    """The warnings that the file in force does not give, wherever in the file they stand there."""
    known = {warning.what for warning in before.warnings}
    return [str(warning) for warning in after.warnings if warning.what not in known]


def _print(in_force: Path, file: Path, found: Plan, warnings: list[str], after: LoadedFile) -> None:
    for consequence in found.consequences:
        click.echo(f"{consequence.effect:<7} {_sentence(consequence)}")
    for warning in warnings:
        click.echo(f"warning {warning}")
    for each in found.disappointed:
        click.echo(f"expect  {each.text}: {each.why}")
    expected = ""
    if after.expected:
        met = len(after.expected) - len(found.disappointed)
        expected = f"; {met} of {counted(len(after.expected), 'expectation', 'expectations')} met"
    if not found.consequences:
        click.echo(f"{file}: nobody would notice a difference from {in_force}{expected}")
        return
    lost, gained = found.count("lost"), found.count("gained")
    click.echo(f"{file} instead of {in_force}: {lost} lost, {gained} gained, {found.count('told')} to know{expected}")


def _sentence(consequence: Consequence) -> str:
    if not consequence.people:
        return f"{consequence.subject} {consequence.what}"
    people = counted(consequence.people, "person", "people")
    named = ", ".join(consequence.who[:_SHOWN])
    rest = len(consequence.who) - _SHOWN
    names = (f": {named}" if named else "") + (f" and {rest} more, whom --json lists" if rest > 0 else "")
    return f"{consequence.subject} {consequence.what} ({people}{names})"
