"""`authserver db`: the schema of the database."""

import sys

import click

from authserver.cli.context import load_settings, open_database
from authserver.store import migrations


@click.group("db")
def db() -> None:
    """The schema of the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to this release. Safe while others do the same; `authserver serve` does it at its start."""
    ran = migrations.upgrade(open_database(load_settings()))
    click.echo(f"Upgraded to {migrations.head()}." if ran else f"Nothing to do: at {migrations.head()} already.")


@db.command()
def check() -> None:
    """Say whether the database has the schema of this release; status 1 when it has not."""
    if migrations.is_current(open_database(load_settings())):
        click.echo(f"The database is at {migrations.head()}, as this release wants it.")
        return
    click.echo(
        f"The database is not at {migrations.head()}, as this release wants it: run `authserver db upgrade`.", err=True
    )
    sys.exit(1)
