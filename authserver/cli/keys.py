"""`authserver keys`: signing keys and the master key."""

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import get_args

import click

from authserver import master_key
from authserver.cli import epilog
from authserver.cli.context import account, load_master_key, load_settings, open_current_database, stop
from authserver.events import EventName, emit
from authserver.keys import Keys, life, readers
from authserver.keys.change import Resealed
from authserver.keys.change import change_master_key as seal_anew
from authserver.keys.life import Begins
from authserver.master_key import MasterKeyError
from authserver.protocol.client.client import SigningAlg
from authserver.store import Connection, clock, jwks_readers
from authserver.store import keys as store
from authserver.store.database import Database

_ALG = click.option("--alg", type=click.Choice(get_args(SigningAlg)), default="RS256", show_default=True)


@click.group()
def keys() -> None:
    """Manage signing keys and the master key."""


@keys.command("list", epilog=epilog(("keys list", "keys list --json")))
@click.option("--json", "as_json", is_flag=True, help="Print JSON; times are seconds since the epoch.")
def list_keys(as_json: bool) -> None:
    """List the signing keys: which is active, waiting, or retired, and until when."""
    settings = load_settings()
    database = open_current_database(settings)
    with database.read() as connection:
        rows = store.load(connection)
        fetched = jwks_readers.of(connection)
    found = life.stages(rows, clock.now(database), life.Schedule.of(settings))
    if as_json:
        names = ("kid", "alg", "state", "since", "until")
        click.echo(json.dumps([{name: getattr(each, name) for name in names} for each in found], indent=2))
        return
    click.echo(f"{'KID':43}  {'ALG':5}  {'STATE':7}  {'SINCE':20}  UNTIL")
    for each in found:
        times = f"{_moment(each.since):20}  {_moment(each.until)}"
        click.echo(f"{each.kid:43}  {each.alg:5}  {each.state:7}  {times}")
    newest = readers.newest(rows)
    behind = sum(readers.is_behind(each, newest) for each in fetched) if newest else 0
    if behind:
        click.echo(f"\n{behind} of the APIs that fetch the JWKS lack the newest key: see `authserver keys readers`.")


@keys.command("readers", epilog=epilog(("keys readers", "keys readers --json")))
@click.option("--json", "as_json", is_flag=True, help="Print JSON; times are seconds since the epoch.")
def list_readers(as_json: bool) -> None:
    """List the programs that have fetched the JWKS within 14 days, and whether they have the newest key.

    What they say of themselves is not verified.
    """
    database = open_current_database(load_settings())
    with database.read() as connection:
        newest, found = readers.newest(store.load(connection)), jwks_readers.of(connection)
    rows = [(each, newest is not None and readers.has(each, newest)) for each in found]
    if as_json:
        click.echo(json.dumps([asdict(each) | {"has_newest": has} for each, has in rows], indent=2))
        return
    click.echo(f"{'ADDRESS':39}  {'FIRST':20}  {'LAST':20}  {'NEWEST KEY':10}  PROGRAM")
    for each, has in rows:
        times = f"{_moment(each.first_at):20}  {_moment(each.last_at):20}"
        program = f"{each.hint} {each.user_agent}".strip()
        click.echo(f"{each.address:39}  {times}  {'yes' if has else 'no':10}  {program}")


@keys.command(epilog=epilog(("keys rotate", "keys rotate --now", "keys rotate --at-once --alg ES256")))
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
    keys, database = _open_keys()
    now = clock.now(database)
    begins: Begins = "at_once" if at_once else "soon" if soon else "ahead"
    try:
        planned = keys.successor(keys.refresh(now), alg, now, begins)
    except MasterKeyError as error:
        stop(str(error))
    with keys.changing(now) as connection:
        if planned.make(connection):
            _note(connection, "server:key:rotated", kid=planned.kid, alg=alg, begins=begins)
        # Whoever was quicker made it.
        kid = store.newest(connection, alg)
        key = next(each for each in store.load(connection) if each.kid == kid)
    if key.active_from > now:
        click.echo(f"{key.kid} is published and will sign from {_moment(key.active_from, to_the_second=soon)}.")
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


# A thumbprint may begin with a dash, even with -h.
@keys.command(
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
    keys, database = _open_keys()
    if not at_once:
        begins = _replace(keys, database, kid)
        if begins > clock.now(database):
            said = _moment(begins, to_the_second=True)
            click.echo(f"{kid} is active: another key signs from {said}. Waiting until then.", err=True)
        while clock.now(database) < begins:
            time.sleep(1)
    now = clock.now(database)
    with keys.changing(now) as connection:
        done = keys.revoke(connection, kid, now)
        if done is not None:
            _note(connection, "server:key:revoked", kid=kid, successor=done.successor)
    if done is None:
        stop(f"there is no signing key {kid} to revoke: `authserver keys list` lists them")
    click.echo(f"{kid} has been revoked; running servers follow within seconds.")
    click.echo(
        "Resource servers keep accepting its tokens until their cached JWKS expires. To be sure, restart them. "
        "Clients get new tokens by refreshing.",
        err=True,
    )


@keys.command("change-master-key", epilog=epilog(("keys change-master-key",)))
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


@keys.command("new-master-key", epilog=epilog(("keys new-master-key",)))
def new_master_key() -> None:
    """Print a new master key: for AUTHSERVER_MASTER_KEY, or for keys/master.key with mode 0600."""
    click.echo(master_key.new_key())


def _open_keys() -> tuple[Keys, Database]:
    settings = load_settings()
    database = open_current_database(settings)
    return Keys(database, load_master_key(settings), settings), database


def _replace(keys: Keys, database: Database, kid: str) -> int:
    """See that another key signs instead of this one, if it does; from when on, in seconds since the epoch."""
    now = clock.now(database)
    with database.read() as connection:
        planned = keys.replacement(store.load(connection), kid, now)
    if planned is None:
        return now
    with keys.changing(now) as connection:
        if planned.make(connection):
            _note(connection, "server:key:rotated", kid=planned.kid, alg=planned.alg, begins="soon")
    return planned.active_from


def _note(connection: Connection, name: EventName, **detail: str | None) -> None:
    emit(name, within=connection, by=f"{account()} with authserver keys", through="command line", **detail)


def _told(table: str, count: Resealed) -> str:
    unreadable = f"; {count.unreadable} cannot be decrypted with any of the keys given" if count.unreadable else ""
    return f"{table}: {count.changed} of {count.total} re-encrypted{unreadable}"


def _moment(seconds: int, *, to_the_second: bool = False) -> str:
    time_of_day = "%H:%M:%S" if to_the_second else "%H:%M"
    return datetime.fromtimestamp(seconds, UTC).strftime(f"%Y-%m-%d {time_of_day} UTC")
