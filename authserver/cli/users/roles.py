"""`authserver users roles` and `groups`."""

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing, held
from authserver.cli.context import load_settings, stop
from authserver.cli.users.options import (
    JSON,
    LOGIN,
    checked_groups,
    checked_roles,
    complete_group,
    complete_role,
    say,
    warn_of_nobody,
)


@click.command(epilog=epilog(("users roles ada user admin", "users roles ada user --now")))
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
        warn_of_nobody(settings, change, user, given, user.groups)
        people.set_roles(change, user, given, end=at_once)
    say(
        as_json, f"{user.username} has the roles: {', '.join(given) or 'none'}.", sub=user.sub, roles=sorted(set(given))
    )


@click.command(
    epilog=epilog(
        ("users groups ada", "users groups ada --add staff --remove sales", "users groups ada --remove sales --now")
    )
)
@LOGIN
@click.option(
    "--add", "joined", multiple=True, shell_complete=complete_group, help="Add them to this group; repeatable."
)
@click.option(
    "--remove", "left", multiple=True, shell_complete=complete_group, help="Remove them from this group; repeatable."
)
@click.option("--now", "at_once", is_flag=True, help="Also end their sessions and the access of clients.")
@JSON
def groups(login: str, joined: tuple[str, ...], left: tuple[str, ...], at_once: bool, as_json: bool) -> None:
    """Add a person to groups in clients.yaml or remove them; without options, list their groups.

    Tokens show a change from the next refresh on. With --now, the person must sign in again everywhere; access tokens
    already issued work until they expire, except where introspection is used. The person is told by mail.
    """
    settings = load_settings()
    if both := sorted({*joined} & {*left}):
        stop(f"{both[0]!r} can be added or removed, not both")
    checked_groups(settings, joined)
    with changing(settings) as change:
        user = held(change, login)
        # A group that is declared no more can still be left.
        checked_groups(settings, {*left} - {*user.groups})
        after = tuple(sorted({*user.groups} - {*left} | {*joined}))
        warn_of_nobody(settings, change, user, user.roles, after)
        is_changed = people.set_groups(change, user, after, end=at_once)
    text = f"{user.username} is in the groups: {', '.join(after) or 'none'}."
    say(as_json, text, sub=user.sub, groups=list(after), changed=is_changed)
