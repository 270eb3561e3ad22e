"""Changes to people from the command line: one transaction each, and its audit events once it is kept."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import click
from sqlalchemy import Connection

from authserver import logs
from authserver.cli.context import open_current_database
from authserver.events import EventName, Recorder, emit, recorder
from authserver.settings import Settings
from authserver.store import users
from authserver.store.users import User


@dataclass(frozen=True)
class Change:
    """A transaction on people, and the audit events to tell once it is kept."""

    connection: Connection
    now: int
    events: list[tuple[EventName, User, dict[str, Any]]] = field(default_factory=list)

    def note(self, name: EventName, user: User, **detail: Any) -> None:
        """Tell this event when the transaction is kept."""
        self.events.append((name, user, detail))


@contextmanager
def changing(settings: Settings) -> Iterator[Change]:
    """One transaction on the database of the settings; leaving with an exception keeps nothing."""
    logs.configure(settings, sys.stderr)
    database = open_current_database(settings)
    with database.write() as connection:
        change = Change(connection, int(time.time()))
        yield change
    sink = Recorder(database)
    recorder.set(sink)
    for name, user, detail in change.events:
        emit(name, sub=user.sub, by="authserver users", **detail)
    sink.close()


def find(connection: Connection, login: str) -> User:
    """The person with this username, e-mail address or sub; without one the command ends with status 1."""
    user = users.by_login(connection, login) or users.get(connection, login)
    return user or stop("nobody has this username, e-mail address or sub; `authserver users list` shows all.")


def stop(text: str) -> NoReturn:
    """Say why, and end with status 1."""
    click.echo(f"authserver: {text}", err=True)
    sys.exit(1)
