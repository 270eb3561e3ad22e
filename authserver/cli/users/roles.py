"""`authserver users roles`."""

import click

from authserver.cli.changes import changing, find
from authserver.cli.context import load_settings
from authserver.cli.users.options import JSON, LOGIN, checked_roles, complete_role, say
from authserver.store import users as store


@click.command()
@LOGIN
@click.argument("roles", nargs=-1, shell_complete=complete_role)
@JSON
def roles(login: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Give a person exactly these ROLES; without any, none. Tokens say so from the next refresh on."""
    settings = load_settings()
    given = checked_roles(settings, roles)
    with changing(settings) as change:
        user = find(change.connection, login)
        store.set_roles(change.connection, user.sub, given, change.now)
        change.note("user:roles:changed", user, before=list(user.roles), after=list(given))
    say(
        as_json, f"{user.username} has the roles: {', '.join(given) or 'none'}.", sub=user.sub, roles=sorted(set(given))
    )
