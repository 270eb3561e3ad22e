"""`authserver keys rotate`."""

from typing import get_args

import click

from authserver.cli import epilog
from authserver.cli.context import stop
from authserver.cli.keys.opened import moment, note_rotated, open_keys
from authserver.keys.life import Begins
from authserver.master_key import MasterKeyError
from authserver.protocol.client.client import SigningAlg
from authserver.store import clock
from authserver.store import keys as store

_ALG = click.option("--alg", type=click.Choice(get_args(SigningAlg)), default="RS256", show_default=True)


@click.command(epilog=epilog(("keys rotate", "keys rotate --now", "keys rotate --at-once --alg ES256")))
@click.option(
    "--now", "soon", is_flag=True, help="Make the new key sign in 20 seconds, when every server publishes it."
)
@click.option("--at-once", is_flag=True, help="Make it sign this second, although other servers do not publish it yet.")
@_ALG
def rotate(soon: bool, at_once: bool, alg: str) -> None:
    """Publish a key that replaces the active one once every resource server can have seen it.

    With --now it signs in 20 seconds: every server publishes it by then, but resource servers with an older JWKS have
    to fetch the new one. Use that if someone else may know the active key; then revoke that key, too.

    With --at-once it signs before other servers publish it. For up to five seconds, resource servers refuse its tokens
    although they fetch the JWKS again.
    """
    keys, database = open_keys()
    now = clock.now(database)
    begins: Begins = "at_once" if at_once else "soon" if soon else "ahead"
    try:
        planned = keys.successor(keys.refresh(now), alg, now, begins)
    except MasterKeyError as error:
        stop(str(error))
    with keys.changing(now) as connection:
        if planned.make(connection):
            note_rotated(connection, planned, begins)
        # Whoever was quicker made it.
        key = store.newest(connection, alg)
    if key.active_from > now:
        click.echo(f"{key.kid} is published and will sign from {moment(key.active_from, to_the_second=soon)}.")
    else:
        click.echo(f"{key.kid} signs from now on.")
    if at_once:
        click.echo("For up to five seconds, servers that do not know it yet publish a JWKS without it.", err=True)
    if soon or at_once:
        click.echo(
            "Resource servers that cached the JWKS may refuse new tokens until they fetch it again. Guards do so at "
            "the first unknown kid, others when their cache expires, some of them after a day.",
            err=True,
        )
