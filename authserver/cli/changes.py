"""Changes to people from the command line: one transaction each."""

from collections.abc import Iterator
from contextlib import contextmanager

from authserver.cli.context import account, load_master_key, open_current_database
from authserver.cli.found import find
from authserver.mail import Post
from authserver.people import Actor, Change, administrator
from authserver.settings import Settings
from authserver.store import clock, directory
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


def held(change: Change, login: str) -> User:
    """As `find`, as they are until this transaction ends: of two who change a person at once, neither is lost."""
    directory.hold(change.connection, find(change.connection, login).sub, None)
    return find(change.connection, login)


def _who() -> Actor:
    return administrator(f"{account()} with authserver users", "command line")
