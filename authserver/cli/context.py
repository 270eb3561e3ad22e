"""What every command begins with: settings, or all their faults in words; an open database.

Many commands need no database, so it is imported with the first use.
"""

import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click
from pydantic import ValidationError

from authserver import master_key
from authserver.cli.settings_faults import every_name, faults_of, switched_off, unknown_names
from authserver.cli.terminal import say
from authserver.master_key import MasterKey, MasterKeyError
from authserver.settings import Settings

if TYPE_CHECKING:
    from authserver.store.database import Database


def stop(text: str, *more: str) -> NoReturn:
    """Say why, in one line or more, and end with status 1."""
    for line in (f"authserver: {text}", *more):
        say(line, err=True)
    sys.exit(1)


def _warn(sentence: str) -> None:
    click.echo(f"authserver: warning: {sentence}", err=True)


def load_settings(warn: Callable[[str], None] = _warn, /, **given: Any) -> Settings:
    """Read the settings, `given` before all; on faults print every one with its variable and end with status 2.

    What is doubtful and no fault goes to `warn`.
    """
    faults, warnings = unknown_names(every_name())
    faults += switched_off(os.environ)
    try:
        settings = Settings(**given)
    except ValidationError as error:
        faults += faults_of(error, given)
    if not faults:
        for sentence in warnings:
            warn(sentence)
        return settings
    click.echo("authserver: fix these settings first:", err=True)
    for fault in faults:
        click.echo(f"  {fault}", err=True)
    sys.exit(2)


def open_database(settings: Settings, statement_timeout: float = 0) -> "Database":
    """A database for one command, whose statements may take so many seconds; 0 is without limit."""
    from authserver.store.engine import alone

    url = settings.database_url.get_secret_value()
    with database_in_reach():
        return alone.open_database(url, settings.database_lock_timeout, statement_timeout)


@contextmanager
def database_in_reach() -> Iterator[None]:
    """Inside, a database that cannot be used ends the command with a sentence and status 1."""
    from authserver.store import SQLAlchemyError
    from authserver.store.engine import alone
    from authserver.store.upkeep import migrations

    try:
        yield
    except migrations.SchemaError as error:
        stop(str(error))
    except SQLAlchemyError as error:
        stop(f"the database cannot be reached: {alone.reason(error)}")


def open_current_database(settings: Settings) -> "Database":
    """As `open_database`; when it is away or this release cannot work on it, say so and end with status 1."""
    from authserver.store.upkeep import migrations

    database = open_database(settings)
    with database_in_reach():
        migrations.require(database)
    return database


def load_master_key(settings: Settings) -> MasterKey:
    """The master key; without it the command ends with status 1."""
    try:
        return master_key.load(settings)
    except MasterKeyError as error:
        stop(str(error))


def account() -> str:
    """Who runs the command on this machine: of an administrator nothing else is known here."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
