"""`authserver users data`."""

import click

from authserver import people
from authserver.cli.changes import changing, find
from authserver.cli.context import load_settings, open_current_database
from authserver.cli.terminal import harmless_json
from authserver.cli.users.options import LOGIN


@click.command()
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
