"""`authserver users disable`, `enable` and `unlock`."""

import click

from authserver import people
from authserver.cli.changes import changing, find
from authserver.cli.context import load_settings
from authserver.cli.users.options import JSON, LOGIN, say


@click.command()
@LOGIN
@JSON
def disable(login: str, as_json: bool) -> None:
    """Shut a person out: no sign-in, and their sessions and what clients hold for them end at once.

    They are told by mail.
    """
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        is_changed = people.disable(change, user)
    text = f"{user.username} is disabled. Access tokens that are out already work until they expire."
    say(as_json, text, sub=user.sub, changed=is_changed)


@click.command()
@LOGIN
@JSON
def enable(login: str, as_json: bool) -> None:
    """Let a disabled person sign in again. They are told by mail."""
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        is_changed = people.enable(change, user)
    say(as_json, f"{user.username} may sign in.", sub=user.sub, changed=is_changed)


@click.command()
@LOGIN
@JSON
def unlock(login: str, as_json: bool) -> None:
    """Forget a person's failed sign-ins: whoever must wait because of them need not.

    The limits per minute go on, and end by themselves within one.
    """
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        people.unlock(change, user)
    say(as_json, f"{user.username} need not wait any longer.", sub=user.sub)
