"""`authserver users reset-factors`."""

from datetime import UTC, datetime

import click

from authserver import people
from authserver.cli.changes import changing, find
from authserver.cli.context import load_settings, stop
from authserver.cli.users.options import JSON, LOGIN, say


@click.command("reset-factors")
@LOGIN
@JSON
def reset_factors(login: str, as_json: bool) -> None:
    """Print a link that removes all second factors of a person who has lost them, recovery codes too.

    Make sure that it is them, and hand it over yourself. It works once, and only after AUTHSERVER_FACTOR_RESET_DELAY:
    the person is told by mail at once and can cancel it. It does not sign in; for that, they need their password.
    """
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        made = people.request_factor_reset(change, user)
    if made is None:
        stop(f"{user.username} has no second factor.")
    times = f"It works from {_minute(made.works_from)} to {_minute(made.expires_at)} UTC."
    text = f"{made.link}\n{times}"
    say(as_json, text, sub=user.sub, link=made.link, works_from=made.works_from, expires_at=made.expires_at)


def _minute(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
