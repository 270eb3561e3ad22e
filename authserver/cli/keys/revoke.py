"""`authserver keys revoke`."""

import time

import click

from authserver.cli import epilog
from authserver.cli.context import stop
from authserver.cli.keys.opened import moment, note_rotated, open_keys, who
from authserver.events import emit
from authserver.keys import Keys
from authserver.store import clock
from authserver.store import keys as store
from authserver.store.database import Database


# A thumbprint may begin with a dash, even with -h.
@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
    epilog=epilog(('keys revoke "$KID"', 'keys revoke --at-once "$KID"')),
)
@click.option("--at-once", is_flag=True, help="Do not wait until every server publishes the key that signs instead.")
@click.argument("kid")
def revoke(at_once: bool, kid: str) -> None:
    """Revoke the signing key KID: it leaves the JWKS, and nothing it signed is accepted here any longer.

    If it is the active key, another one is published first and signs after 20 seconds, and the command waits for that.
    With --at-once, it does not: for up to five seconds, resource servers refuse new tokens although they fetch the JWKS
    again.
    """
    keys, database = open_keys()
    if not at_once:
        begins = _replace(keys, database, kid)
        if begins > clock.now(database):
            said = moment(begins, to_the_second=True)
            click.echo(f"{kid} is active: another key signs from {said}. Waiting until then.", err=True)
        while clock.now(database) < begins:
            time.sleep(1)
    now = clock.now(database)
    with keys.changing(now) as connection:
        done = keys.revoke(connection, kid, now)
        if done is not None:
            emit(
                "server:key:revoked",
                within=connection,
                by=who(),
                through="command line",
                kid=kid,
                successor=done.successor,
            )
    if done is None:
        stop(f"there is no signing key {kid} to revoke: `authserver keys list` lists them")
    click.echo(f"{kid} has been revoked; running servers follow within seconds.")
    click.echo(
        "Resource servers keep accepting its tokens until their cached JWKS expires. To be sure, restart them. "
        "Clients get new tokens by refreshing.",
        err=True,
    )


def _replace(keys: Keys, database: Database, kid: str) -> int:
    """See that another key signs instead of this one, if it does; from when on, in seconds since the epoch."""
    now = clock.now(database)
    with database.read() as connection:
        planned = keys.replacement(store.load(connection), kid, now)
    if planned is None:
        return now
    with keys.changing(now) as connection:
        if planned.make(connection):
            note_rotated(connection, planned, "soon")
    return planned.active_from
