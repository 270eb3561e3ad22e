"""`authserver users sessions`."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing
from authserver.cli.context import load_settings, open_current_database, stop
from authserver.cli.found import find
from authserver.cli.terminal import harmless
from authserver.cli.users.options import JSON, LOGIN, say
from authserver.store import clock
from authserver.store import sessions as store
from authserver.store.sessions import Session


@click.command(epilog=epilog(("users sessions ada", 'users sessions ada --end "$SID"', "users sessions ada --end-all")))
@LOGIN
@click.option("--end", "sid", metavar="SID", help="End this session.")
@click.option("--end-all", is_flag=True, help="End all their sessions.")
@JSON
def sessions(login: str, sid: str | None, end_all: bool, as_json: bool) -> None:
    """List the browsers in which a person is signed in, or end their sessions.

    Ending a session also ends the access that clients have through it, but not offline access; for that, use `disable`.
    The person is told by mail.
    """
    settings = load_settings()
    if sid or end_all:
        with changing(settings) as change:
            user = find(change.connection, login)
            if end_all:
                ending = people.end_sessions(change, user)
            elif sid and people.end_session(change, user, sid):
                ending = [sid]
            else:
                stop(f"{user.username} has no active session {sid}.")
        say(as_json, f"Ended {len(ending)}.", sub=user.sub, ended=ending)
        return
    database = open_current_database(settings)
    now = clock.now(database)
    with database.read() as connection:
        user = find(connection, login)
        live = store.of_person(connection, user.sub, now)
    if as_json:
        click.echo(json.dumps([asdict(session) for session in live], indent=2))
        return
    click.echo(f"{'SID':22}  {'SINCE':16}  {'LAST SEEN':16}  {'ADDRESS':15}  BROWSER")
    for session in live:
        click.echo(harmless(_line(session)))


def _line(session: Session) -> str:
    times = f"{_minute(session.created_at)}  {_minute(session.last_seen_at)}"
    return f"{session.sid:22}  {times}  {session.address:15}  {session.user_agent}"


def _minute(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
