"""`authserver db`: the schema of the database."""

import sys

import click

from authserver import logs
from authserver.cli.context import database_in_reach, load_settings, open_database
from authserver.store import migrations


@click.group("db")
def db() -> None:
    """The schema of the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to this release. Safe while others do the same; `authserver serve` does it at its start."""
    settings = load_settings()
    logs.configure(settings, sys.stderr)
    database = open_database(settings)
    with database_in_reach():
        ran = migrations.upgrade(database)
    click.echo(f"Upgraded to {migrations.head()}." if ran else f"Nothing to do: at {migrations.head()} already.")


@db.command()
def check() -> None:
    """Say whether the database has the schema of this release; status 1 when it has not."""
    database = open_database(load_settings())
    with database_in_reach():
        current = migrations.is_current(database)
    if current:
        click.echo(f"The database is at {migrations.head()}, as this release wants it.")
        return
    click.echo(
        f"The database is not at {migrations.head()}, as this release wants it: run `authserver db upgrade`.", err=True
    )
    sys.exit(1)
