"""`authserver users disable`, `enable`, `unlock` and `reset-factors`."""

from datetime import UTC, datetime

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing, held
from authserver.cli.context import load_settings, stop
from authserver.cli.found import find
from authserver.cli.users.options import JSON, LOGIN, say, warn_of_nobody


@click.command(epilog=epilog(("users disable ada",)))
@LOGIN
@JSON
def disable(login: str, as_json: bool) -> None:
    """Disable a person: they cannot sign in, and their sessions and the access of clients end at once.

    They are told by mail.
    """
    settings = load_settings()
    with changing(settings) as change:
        user = held(change, login)
        warn_of_nobody(settings, change, user)
        is_changed = people.disable(change, user)
    text = f"{user.username} has been disabled. Access tokens already issued work until they expire."
    say(as_json, text, sub=user.sub, changed=is_changed)


@click.command(epilog=epilog(("users enable ada",)))
@LOGIN
@JSON
def enable(login: str, as_json: bool) -> None:
    """Let a disabled person sign in again. They are told by mail."""
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        is_changed = people.enable(change, user)
    say(as_json, f"{user.username} can sign in again.", sub=user.sub, changed=is_changed)


@click.command(epilog=epilog(("users unlock ada",)))
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


@click.command("reset-factors", epilog=epilog(("users reset-factors ada",)))
@LOGIN
@JSON
def reset_factors(login: str, as_json: bool) -> None:
    """Print a link that removes all second factors of a person who has lost them, including recovery codes.

    Make sure that it is really them, and hand it over yourself. It works once, and only after
    AUTHSERVER_FACTOR_RESET_DELAY: the person is told by mail at once and can cancel it. It signs nobody in.
    """
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        made = people.request_factor_reset(change, user)
    if made is None:
        stop(f"{user.username} has no second factor.")
    when = f"It works from {_minute(made.works_from)} to {_minute(made.expires_at)} UTC."
    say(as_json, made.link, when, sub=user.sub, link=made.link, works_from=made.works_from, expires_at=made.expires_at)


def _minute(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
