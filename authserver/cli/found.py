"""The person whom a command is about."""

from authserver.cli.context import stop
from authserver.store import Connection, users
from authserver.store.users import User


def find(connection: Connection, login: str) -> User:
    """The person with this username, email address or sub; without one the command ends with status 1."""
    user = look_up(connection, login)
    return user or stop("nobody has this username, email address, or sub; `authserver users list` lists everyone.")


def look_up(connection: Connection, login: str) -> User | None:
    """The person with this username, email address or sub, if there is one."""
    return users.by_login(connection, login) or users.get(connection, login)
