"""Changes to people from the command line: one transaction each, its audit events in it."""

import getpass
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import click
from sqlalchemy import Connection

from authserver import logs, master_key
from authserver.cli.context import open_current_database
from authserver.events import EventName, emit
from authserver.master_key import MasterKey, MasterKeyError
from authserver.settings import Settings
from authserver.store import users
from authserver.store.users import User


@dataclass(frozen=True)
class Change:
    """A transaction on people, and the audit events to keep with it."""

    connection: Connection
    now: int
    settings: Settings
    events: list[tuple[EventName, User | None, dict[str, Any]]] = field(default_factory=list)

    def note(self, name: EventName, user: User | None, **detail: Any) -> None:
        """Keep this event with the transaction."""
        self.events.append((name, user, detail))

    def master(self) -> MasterKey:
        """The key that mails are sealed under; without it the command ends with status 1."""
        try:
            return master_key.load(self.settings)
        except MasterKeyError as error:
            stop(str(error))


@contextmanager
def changing(settings: Settings, *, quiet: bool = False) -> Iterator[Change]:
    """One transaction on the database of the settings; leaving with an exception keeps nothing.

    `quiet` writes the events to the table alone, not to standard error.
    """
    logs.configure(settings.model_copy(update={"log_level": "WARNING"}) if quiet else settings, sys.stderr)
    database = open_current_database(settings)
    try:
        with database.write() as connection:
            change = Change(connection, int(time.time()), settings)
            yield change
            _tell(change)
    finally:
        database.engine.dispose()


def find(connection: Connection, login: str) -> User:
    """The person with this username, e-mail address or sub; without one the command ends with status 1."""
    user = users.by_login(connection, login) or users.get(connection, login)
    return user or stop("nobody has this username, e-mail address or sub; `authserver users list` shows all.")


def stop(text: str) -> NoReturn:
    """Say why, and end with status 1."""
    click.echo(f"authserver: {text}", err=True)
    sys.exit(1)


def _tell(change: Change) -> None:
    by = f"{_who()} with authserver users"
    for name, user, detail in change.events:
        emit(name, sub=user.sub if user else None, by=by, within=change.connection, **detail)


def _who() -> str:
    # Who runs the command on the machine: of an administrator nothing else is known here.
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
