"""`authserver users delete`."""

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing, held
from authserver.cli.context import load_settings, open_current_database
from authserver.cli.found import find
from authserver.cli.users.options import JSON, LOGIN, say, warn_of_nobody


@click.command(epilog=epilog(("users delete ada", "users delete ada --yes")))
@LOGIN
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@JSON
def delete(login: str, yes: bool, as_json: bool) -> None:
    """Permanently delete a person and all their data. Their sub is never given again; audit events stay.

    They are told by mail. To shut someone out without losing anything, use `disable`.
    """
    settings = load_settings()
    with open_current_database(settings).read() as connection:
        user = find(connection, login)
    if not yes:
        click.confirm(f"Delete {user.username}, sub {user.sub}, permanently?", abort=True)
    with changing(settings) as change:
        user = held(change, user.sub)
        warn_of_nobody(settings, change, user)
        people.delete(change, user)
    say(as_json, f"{user.username} has been deleted.", sub=user.sub)
