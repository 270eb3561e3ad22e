"""`authserver users export`."""

from typing import Any

import click

from authserver.cli.context import load_settings, open_current_database
from authserver.cli.terminal import harmless_json
from authserver.protocol.person.claims import NO_PROFILE
from authserver.store import imports


@click.command()
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
