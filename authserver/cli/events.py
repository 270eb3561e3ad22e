"""`authserver events`: what happened, from the table of audit events."""

import json
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from authserver.cli import epilog
from authserver.cli.completion import complete_login
from authserver.cli.context import load_settings, open_current_database
from authserver.events import names
from authserver.store import Connection, users
from authserver.store import events as store
from authserver.store.events import Event, EventFilter

# Rows are numbered before they are committed: a number may turn up after a higher one, so some are read again.
OVERLAP = 1000
MOST_AT_ONCE = 10_000


def _some_event(_context: click.Context, _parameter: click.Parameter, beginning: str) -> str:
    fault = names.fault(beginning)
    if fault:
        raise click.BadParameter(fault)
    return beginning


def _wanted(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option(
            "--json", "as_json", is_flag=True, help="Print one JSON object per line; times are seconds since the epoch."
        ),
        click.option("--request", "request_id", default="", help="Only events of this request: its X-Request-Id."),
        click.option("--client", "client_id", default="", help="Only events of this client."),
        click.option(
            "--user",
            "--sub",
            "login",
            default="",
            shell_complete=complete_login,
            help="Only events of this person: a username, an email address, or a sub, even of a deleted person.",
        ),
        click.option(
            "--name",
            default="",
            callback=_some_event,
            help="Only events whose name is or begins with this: user:login:failed, or user:login:",
        ),
    ):
        command = option(command)
    return command


@click.command(
    "list",
    epilog=epilog(
        (
            "events list",
            "events list --last 200 --user ada",
            "events list --name user:login:failed --json",
            'events list --request "$REQUEST_ID"',
        )
    ),
)
@click.option("--last", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many.")
@_wanted
def list_(last: int, as_json: bool, name: str, login: str, client_id: str, request_id: str) -> None:
    """List the last events, oldest first."""
    with open_current_database(load_settings()).read() as connection:
        wanted = EventFilter(name, _sub(connection, login), client_id, request_id)
        for event in store.newest(connection, wanted, last):
            click.echo(_line(event, as_json))


@click.command(epilog=epilog(("events follow", "events follow --client portal --json")))
@_wanted
def follow(as_json: bool, name: str, login: str, client_id: str, request_id: str) -> None:
    """Print events as they happen, until Ctrl-C."""
    database = open_current_database(load_settings())
    with database.read() as connection:
        shown = deque((event.id for event in store.newest(connection, EventFilter(), OVERLAP)), maxlen=2 * OVERLAP)
        wanted = EventFilter(name, _sub(connection, login), client_id, request_id)
    while True:
        with database.read() as connection:
            found = store.newest(connection, wanted, MOST_AT_ONCE, after=max(0, max(shown, default=0) - OVERLAP))
        for event in found:
            if event.id not in shown:
                shown.append(event.id)
                click.echo(_line(event, as_json))
        time.sleep(1)


def _sub(connection: Connection, login: str) -> str:
    found = users.by_login(connection, login) if login else None
    return found.sub if found else login


def _line(event: Event, as_json: bool) -> str:
    detail: dict[str, Any] = json.loads(event.detail)
    fields = {"sub": event.sub, "client_id": event.client_id, "address": event.address, "request_id": event.request_id}
    if as_json:
        return json.dumps({"id": event.id, "at": event.at, "name": event.name, **fields, "detail": detail})
    when = datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    # Quoted like JSON: what a stranger sent cannot write to the terminal.
    said = " ".join(f"{key}={json.dumps(value)}" for key, value in (fields | detail).items() if value is not None)
    return f"{when} {event.name:32} {said}"
