"""`authserver users roles`."""

import click

from authserver import people
from authserver.cli.changes import changing, held
from authserver.cli.context import load_settings
from authserver.cli.users.options import JSON, LOGIN, checked_roles, complete_role, say


@click.command()
@LOGIN
@click.argument("roles", nargs=-1, shell_complete=complete_role)
@click.option("--now", "at_once", is_flag=True, help="End what is running: sessions, and what clients hold.")
@JSON
def roles(login: str, roles: tuple[str, ...], at_once: bool, as_json: bool) -> None:
    """Give a person exactly these ROLES; without any, only the default one. Tokens say so from the next refresh on.

    With --now they must sign in again everywhere; access tokens that are out already work until they expire, but
    where the introspection endpoint is asked. A change is told by mail.
    """
    settings = load_settings()
    given = checked_roles(settings, roles)
    with changing(settings) as change:
        user = held(change, login)
        people.set_roles(change, user, given, end=at_once)
    say(
        as_json, f"{user.username} has the roles: {', '.join(given) or 'none'}.", sub=user.sub, roles=sorted(set(given))
    )
