"""Changes to people from the command line: one transaction each."""

from collections.abc import Iterator
from contextlib import contextmanager

from authserver.cli.context import account, load_master_key, open_current_database, stop
from authserver.mail import Post
from authserver.people import Actor, Change, administrator
from authserver.settings import Settings
from authserver.store import Connection, clock, directory, users
from authserver.store.users import User


@contextmanager
def changing(settings: Settings) -> Iterator[Change]:
    """One transaction on the database of the settings; leaving with an exception keeps nothing."""
    database = open_current_database(settings)
    now = clock.now(database)
    try:
        with database.write() as connection:
            yield Change(connection, _who(), now, Post(settings, lambda: load_master_key(settings)))
    finally:
        database.engine.dispose()


def find(connection: Connection, login: str) -> User:
    """The person with this username, email address or sub; without one the command ends with status 1."""
    user = look_up(connection, login)
    return user or stop("nobody has this username, email address, or sub; `authserver users list` lists everyone.")


def look_up(connection: Connection, login: str) -> User | None:
    """The person with this username, email address or sub, if there is one."""
    return users.by_login(connection, login) or users.get(connection, login)


def held(change: Change, login: str) -> User:
    """As `find`, as they are until this transaction ends: of two who change a person at once, neither is lost."""
    directory.hold(change.connection, find(change.connection, login).sub, None)
    return find(change.connection, login)


def _who() -> Actor:
    return administrator(f"{account()} with authserver users", "command line")
