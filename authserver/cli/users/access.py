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
    """Disable a person: they cannot sign in, and their sessions and the access of clients end at once.

    They are told by mail.
    """
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        is_changed = people.disable(change, user)
    text = f"{user.username} has been disabled. Access tokens already issued work until they expire."
    say(as_json, text, sub=user.sub, changed=is_changed)


@click.command()
@LOGIN
@JSON
def enable(login: str, as_json: bool) -> None:
    """Let a disabled person sign in again. They are told by mail."""
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        is_changed = people.enable(change, user)
    say(as_json, f"{user.username} can sign in again.", sub=user.sub, changed=is_changed)


@click.command()
@LOGIN
@JSON
def unlock(login: str, as_json: bool) -> None:
    """Forget a person's failed sign-ins, so that they can try again without waiting.

    The limits per minute still apply and end by themselves within a minute.
    """
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        people.unlock(change, user)
    say(as_json, f"{user.username} can try again right away.", sub=user.sub)
