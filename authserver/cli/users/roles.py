"""`authserver users roles`."""

import click

from authserver import people
from authserver.cli.changes import changing, held
from authserver.cli.context import load_settings
from authserver.cli.users.options import JSON, LOGIN, checked_roles, complete_role, say


@click.command()
@LOGIN
@click.argument("roles", nargs=-1, shell_complete=complete_role)
@click.option("--now", "at_once", is_flag=True, help="Also end their sessions and the access of clients.")
@JSON
def roles(login: str, roles: tuple[str, ...], at_once: bool, as_json: bool) -> None:
    """Set a person's roles to exactly ROLES, or to the default role. Tokens show it from the next refresh on.

    With --now, the person must sign in again everywhere; access tokens already issued work until they expire, except
    where introspection is used. The person is told by mail.
    """
    settings = load_settings()
    given = checked_roles(settings, roles)
    with changing(settings) as change:
        user = held(change, login)
        people.set_roles(change, user, given, end=at_once)
    say(
        as_json, f"{user.username} has the roles: {', '.join(given) or 'none'}.", sub=user.sub, roles=sorted(set(given))
    )
