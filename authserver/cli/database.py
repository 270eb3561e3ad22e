"""`authserver db`: the schema of the database."""

import sys
from importlib.metadata import version

import click

from authserver import logs
from authserver.cli import epilog
from authserver.cli.context import database_in_reach, load_settings, open_database
from authserver.store import clock
from authserver.store.upkeep import backlog, migrations, releases
from authserver.store.upkeep import downgrade as previous


@click.command(epilog=epilog(("db upgrade",)))
def upgrade() -> None:
    """Upgrade the database to this release. Safe to run concurrently; `authserver serve` does it at startup."""
    settings = load_settings()
    logs.configure(settings, sys.stderr)
    database = open_database(settings)
    with database_in_reach():
        ran = migrations.upgrade(database)
        found = migrations.schema(database)
    click.echo(f"Upgraded to {found.revision}." if ran else f"Nothing to do: already at {found.revision}.")


@click.command(epilog=epilog(("db downgrade", "db downgrade --discard")))
@click.option("--discard", is_flag=True, help="Delete what the previous release has no place for.")
def downgrade(discard: bool) -> None:
    """Take the database back to the schema of the previous release.

    Nothing is changed if rows would be lost: then it says which. Stop the nodes on this release first; those on the
    previous one can go on.
    """
    settings = load_settings()
    logs.configure(settings, sys.stderr)
    database = open_database(settings)
    with database_in_reach():
        to = previous.downgrade(database, discard=discard)
        found = migrations.schema(database)
    click.echo(
        f"Downgraded to {found.revision}, the schema of release {to.version}."
        if to
        else f"Nothing to do: already at {found.revision}, older than this release."
    )


@click.command(epilog=epilog(("db status",)))
def status() -> None:
    """Show which schema the database has, who can work on it, and which migrations this release would run."""
    settings = load_settings()
    database = open_database(settings)
    with database_in_reach():
        found = migrations.schema(database)
    made_by = f", made by release {found.release}" if found.release else ""
    click.echo(f"Database: {found.revision or 'without tables'}{made_by}")
    click.echo(f"This release ({version('authserver')}): {found.known}")
    if found.works_from:
        first = releases.first_that_knows(found.works_from) or found.release
        click.echo(f"Works with: release {first} and newer")
    for name in migrations.pending(found):
        click.echo(f"To run: {name}")
    if before := releases.before(found.known):
        click.echo(f"Release before this: {before.version}, which makes {before.revision}")
    fault = found.fault(version("authserver"))
    if fault is None:
        now = clock.now(database)
        with database_in_reach(), database.read() as connection:
            left = backlog.count(connection, now, settings.events_retention)
        for table, rows in left.items():
            click.echo(f"Expired, to be removed: {rows:,}{' or more' if rows == backlog.MOST else ''} in {table}")
    click.echo(fault or "This release can work on it.")


@click.command(
    epilog=epilog(
        ("db check",),
        {
            0: "this release can work on the database",
            1: "it cannot, or the database cannot be reached",
            2: "wrong options, or faulty settings",
        },
    )
)
def check() -> None:
    """Check whether this release can work on the schema of the database; status 1 if it cannot."""
    database = open_database(load_settings())
    with database_in_reach():
        migrations.require(database)
    click.echo("This release can work on the database.")
