"""What the commands share that change keys, and how moments are told."""

from datetime import UTC, datetime

from authserver.cli.context import account, load_master_key, load_settings, open_current_database
from authserver.events import emit
from authserver.keys import Keys
from authserver.keys.life import Begins
from authserver.keys.planned import Planned
from authserver.store import Connection
from authserver.store.database import Database


def open_keys() -> tuple[Keys, Database]:
    """The keys of the settings and their database; what is missing ends the command with status 1."""
    settings = load_settings()
    database = open_current_database(settings)
    return Keys(database, load_master_key(settings), settings), database


def who() -> str:
    """Who runs the command, as events say it."""
    return f"{account()} with authserver keys"


def note_rotated(connection: Connection, planned: Planned, begins: Begins) -> None:
    """The event of a key that was published, in the transaction that publishes it."""
    emit(
        "server:key:rotated",
        within=connection,
        by=who(),
        through="command line",
        kid=planned.kid,
        alg=planned.alg,
        begins=begins,
    )


def moment(seconds: int, *, to_the_second: bool = False) -> str:
    """As people read it."""
    time_of_day = "%H:%M:%S" if to_the_second else "%H:%M"
    return datetime.fromtimestamp(seconds, UTC).strftime(f"%Y-%m-%d {time_of_day} UTC")
