"""`authserver users groups`."""

import click

from authserver.cli.changes import Change, changing, find, stop
from authserver.cli.context import load_settings
from authserver.cli.users.options import JSON, LOGIN, checked_groups, complete_group, say
from authserver.store import directory
from authserver.store import users as store
from authserver.store.users import User


@click.command()
@LOGIN
@click.option("--add", "joined", multiple=True, shell_complete=complete_group, help="Put them in; repeatable.")
@click.option("--remove", "left", multiple=True, shell_complete=complete_group, help="Take them out; repeatable.")
@click.option("--now", "at_once", is_flag=True, help="End what is running: sessions, and what clients hold.")
@JSON
def groups(login: str, joined: tuple[str, ...], left: tuple[str, ...], at_once: bool, as_json: bool) -> None:
    """Put a person into groups of clients.yaml or take them out; without either, say which they are in.

    Tokens say so from the next refresh on. With --now they must sign in again everywhere; access tokens that are out
    already work until they expire, but where the introspection endpoint is asked.
    """
    settings = load_settings()
    if both := sorted({*joined} & {*left}):
        stop(f"{both[0]!r} can be added or removed, not both")
    checked_groups(settings, joined)
    with changing(settings) as change:
        user = _held(change, login)
        # A group that is declared no more can still be left.
        checked_groups(settings, {*left} - {*user.groups})
        after = tuple(sorted({*user.groups} - {*left} | {*joined}))
        is_changed = {*after} != {*user.groups}
        if is_changed:
            directory.set_groups(change.connection, user.sub, after, change.now)
            change.note("user:groups:changed", user, before=list(user.groups), after=list(after))
        if at_once:
            store.end_access(change.connection, user.sub, change.now)
            change.note("user:sessions:ended", user)
    text = f"{user.username} is in the groups: {', '.join(after) or 'none'}."
    say(as_json, text, sub=user.sub, groups=list(after), changed=is_changed)


def _held(change: Change, login: str) -> User:
    """The person as they are until this transaction ends: of two who add a group at once, neither is lost."""
    directory.hold(change.connection, find(change.connection, login).sub, None)
    return find(change.connection, login)
