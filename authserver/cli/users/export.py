"""`authserver users export` and `data`: everyone, or everything about one person."""

from typing import Any

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing
from authserver.cli.context import load_settings, open_current_database
from authserver.cli.found import find
from authserver.cli.terminal import harmless_json
from authserver.cli.users.options import LOGIN
from authserver.protocol.person.claims import NO_PROFILE
from authserver.store import imports


@click.command(epilog=epilog(("users export > people.jsonl", "users export --with-hashes > people.jsonl")))
@click.option("--with-hashes", is_flag=True, help="Include password hashes. Handle the output like passwords.")
@click.option("--json", "_as_json", is_flag=True, hidden=True)
def export(with_hashes: bool, _as_json: bool) -> None:
    """Write everyone to standard output, one JSON object per line, by username, as `import` reads it."""
    with open_current_database(load_settings()).read() as connection:
        for row in imports.everybody(connection):
            click.echo(harmless_json(_line(row, with_hashes)))


def _line(row: dict[str, Any], with_hashes: bool) -> dict[str, Any]:
    left_out = set() if with_hashes else {"password_hash"}
    return {
        name: value
        for name, value in row.items()
        if name not in left_out and value is not None and value != NO_PROFILE.get(name)
    }


@click.command(epilog=epilog(("users data ada > ada.json",)))
@LOGIN
@click.option("--json", "_as_json", is_flag=True, hidden=True)
def data(login: str, _as_json: bool) -> None:
    """Write everything that is stored about one person to standard output, as one JSON document.

    It is the file that they can download themselves, without passwords or other secrets. They are told by mail.
    """
    settings = load_settings()
    with changing(settings) as change:
        user = find(change.connection, login)
        people.export(change, user)
    with open_current_database(settings).read() as connection:
        click.echo(harmless_json(people.data_of(connection, user, change.now), indent=2))
