"""`authserver keys list`."""

import json

import click

from authserver.cli import epilog
from authserver.cli.context import load_settings, open_current_database
from authserver.cli.keys.opened import moment
from authserver.keys import life, readers
from authserver.store import clock, jwks_readers
from authserver.store import keys as store


@click.command("list", epilog=epilog(("keys list", "keys list --json")))
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
        times = f"{moment(each.since):20}  {moment(each.until)}"
        click.echo(f"{each.kid:43}  {each.alg:5}  {each.state:7}  {times}")
    newest = readers.newest(rows)
    behind = sum(readers.is_behind(each, newest) for each in fetched) if newest else 0
    if behind:
        click.echo(f"\n{behind} of the APIs that fetch the JWKS lack the newest key: see `authserver keys readers`.")
