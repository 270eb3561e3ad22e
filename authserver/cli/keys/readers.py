"""`authserver keys readers`."""

import json
from dataclasses import asdict

import click

from authserver.cli import epilog
from authserver.cli.context import load_settings, open_current_database
from authserver.cli.keys.opened import moment
from authserver.keys import readers
from authserver.store import jwks_readers
from authserver.store import keys as store


@click.command("readers", epilog=epilog(("keys readers", "keys readers --json")))
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
        times = f"{moment(each.first_at):20}  {moment(each.last_at):20}"
        program = f"{each.hint} {each.user_agent}".strip()
        click.echo(f"{each.address:39}  {times}  {'yes' if has else 'no':10}  {program}")
