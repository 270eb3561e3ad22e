"""`authserver keys`: signing keys and the master key."""

import json
import time
from datetime import UTC, datetime

import click

from authserver import master_key
from authserver.cli.context import load_master_key, load_settings, open_current_database, stop
from authserver.keys import Keys, life
from authserver.keys.change import Resealed
from authserver.keys.change import change_master_key as seal_anew
from authserver.master_key import MasterKeyError
from authserver.store import keys as store

_ALG = click.option("--alg", type=click.Choice(["RS256", "ES256"]), default="RS256", show_default=True)


@click.group()
def keys() -> None:
    """Manage signing keys and the master key."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; times are seconds since the epoch.")
def list_keys(as_json: bool) -> None:
    """List the signing keys: which is active, waiting, or retired, and until when."""
    settings = load_settings()
    with open_current_database(settings).read() as connection:
        rows = store.load(connection)
    found = life.stages(rows, int(time.time()), life.Schedule.of(settings))
    if as_json:
        names = ("kid", "alg", "state", "since", "until")
        click.echo(json.dumps([{name: getattr(each, name) for name in names} for each in found], indent=2))
        return
    click.echo(f"{'KID':43}  {'ALG':5}  {'STATE':7}  {'SINCE':20}  UNTIL")
    for each in found:
        times = f"{_moment(each.since):20}  {_moment(each.until)}"
        click.echo(f"{each.kid:43}  {each.alg:5}  {each.state:7}  {times}")


@keys.command()
@click.option("--now", "at_once", is_flag=True, help="Make the new key sign immediately.")
@_ALG
def rotate(at_once: bool, alg: str) -> None:
    """Publish a key that replaces the active one once every resource server can have seen it.

    With --now it signs immediately, and resource servers that cached an older JWKS refuse its tokens until they fetch
    the new one. Use that if someone else may know the active key; then revoke that key, too.
    """
    now = int(time.time())
    keys = _open_keys()
    try:
        keys.refresh(now)
        key = keys.rotate(now, alg, at_once=at_once)
    except MasterKeyError as error:
        stop(str(error))
    if key.active_from > now:
        click.echo(f"{key.kid} is published and will sign from {_moment(key.active_from)}.")
        return
    click.echo(f"{key.kid} signs from now on; running servers follow within a minute.")
    click.echo(
        "Resource servers that cached the JWKS may refuse new tokens until they fetch it again. Guards do so at the "
        "first unknown kid, others when their cache expires, some of them after a day.",
        err=True,
    )


# A thumbprint may begin with a dash, even with -h.
@keys.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("kid")
def revoke(kid: str) -> None:
    """Revoke the signing key KID: it leaves the JWKS, and nothing it signed is accepted here any longer."""
    if not _open_keys().revoke(kid, int(time.time())):
        stop(f"there is no signing key {kid} to revoke: `authserver keys list` lists them")
    click.echo(f"{kid} has been revoked; running servers follow within a minute.")
    click.echo(
        "Resource servers keep accepting its tokens until their cached JWKS expires. To be sure, restart them. "
        "Clients get new tokens by refreshing.",
        err=True,
    )


@keys.command("change-master-key")
def change_master_key() -> None:
    """Re-encrypt everything that is encrypted in the database under the first master key: signing keys, waiting
    mails, and tokens of providers.

    First put the new key before the old one, as the first line of keys/master.key or first in
    AUTHSERVER_MASTER_KEY, and restart every server, so that all of them can read what either key has encrypted.
    """
    settings = load_settings()
    master = load_master_key(settings)
    try:
        counts = seal_anew(open_current_database(settings), master)
    except MasterKeyError as error:
        stop(str(error))
    for table, count in counts.items():
        click.echo(_told(table, count))
    if len(master) > 1:
        rest = "every line but the first" if not settings.master_key else "every key but the first"
        click.echo(f"Now remove {rest} from {master.source} and restart every server.")
    else:
        click.echo(f"{master.source} contains only one key. To replace it, put a new one before it and run this again.")


@keys.command("new-master-key")
def new_master_key() -> None:
    """Print a new master key: for AUTHSERVER_MASTER_KEY, or for keys/master.key with mode 0600."""
    click.echo(master_key.new_key())


def _open_keys() -> Keys:
    settings = load_settings()
    return Keys(open_current_database(settings), load_master_key(settings), settings)


def _told(table: str, count: Resealed) -> str:
    unreadable = f"; {count.unreadable} cannot be decrypted with any of the keys given" if count.unreadable else ""
    return f"{table}: {count.changed} of {count.total} re-encrypted{unreadable}"


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
