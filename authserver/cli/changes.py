"""Changes to people from the command line: one transaction each."""

import getpass
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from sqlalchemy import Connection

from authserver import master_key
from authserver.cli.context import open_current_database
from authserver.mail import Post
from authserver.master_key import MasterKey, MasterKeyError
from authserver.people import Actor, Change, administrator
from authserver.settings import Settings
from authserver.store import directory, users
from authserver.store.users import User


@contextmanager
def changing(settings: Settings) -> Iterator[Change]:
    """One transaction on the database of the settings; leaving with an exception keeps nothing."""
    database = open_current_database(settings)
    try:
        with database.write() as connection:
            yield Change(connection, _who(), int(time.time()), Post(settings, lambda: _master(settings)))
    finally:
        database.engine.dispose()


def find(connection: Connection, login: str) -> User:
    """The person with this username, email address or sub; without one the command ends with status 1."""
    user = users.by_login(connection, login) or users.get(connection, login)
    return user or stop("nobody has this username, email address, or sub; `authserver users list` lists everyone.")


def held(change: Change, login: str) -> User:
    """As `find`, as they are until this transaction ends: of two who change a person at once, neither is lost."""
    directory.hold(change.connection, find(change.connection, login).sub, None)
    return find(change.connection, login)


def stop(text: str) -> NoReturn:
    """Say why, and end with status 1."""
    click.echo(f"authserver: {text}", err=True)
    sys.exit(1)


def _master(settings: Settings) -> MasterKey:
    """The key that letters are sealed under; without it the command ends with status 1."""
    try:
        return master_key.load(settings)
    except MasterKeyError as error:
        stop(str(error))


def _who() -> Actor:
    return administrator(f"{_account()} with authserver users", "command line")


def _account() -> str:
    # Who runs the command on the machine: of an administrator nothing else is known here.
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
