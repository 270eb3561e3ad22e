"""Take a database back to the schema of the release before, without losing anything that nobody agreed to lose.

What a release has added is counted as it goes: tables, and columns that hold anything but their default. A migration
names in `NO_LOSS` what of it can go, such as `leases` or `sessions.completed_at`, because it can be made anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from authserver.store.database import Database
from authserver.store.engine.statement import Statement
from authserver.store.upkeep import migrations, releases
from authserver.store.upkeep.migrations import SchemaError
from authserver.store.upkeep.releases import Release
from authserver.store.upkeep.schema import read

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import Script

# By table and column, the expression of the default; by table and "", that there is such a table.
Places = dict[tuple[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Loss:
    """What the release before has no place for.

    `migration`: what brought it, in words. `place`: a table, or a column as `table.column`.
    """

    migration: str
    place: str
    rows: int


class LossError(SchemaError):
    """Something would be lost; the text says what, and `losses` too."""

    def __init__(self, to: Release, losses: list[Loss]) -> None:
        self.losses = losses
        lines = [
            f"  {loss.rows:,} {'row' if loss.rows == 1 else 'rows'} of {loss.place}: {loss.migration}"
            for loss in losses
        ]
        super().__init__(
            "\n".join(
                [
                    f"nothing was changed, because release {to.version} has no place for:",
                    *lines,
                    "Make a backup with `authserver backup`; then `authserver db downgrade --discard` deletes these.",
                ]
            )
        )


def downgrade(database: Database, *, discard: bool = False) -> Release | None:
    """Undo the migrations of this release, all or nothing; the release whose schema it is now, None if it was already.

    Raises LossError where rows would be lost and `discard` does not say so, and SchemaError where this release did not
    make the schema, where there is no way back, and where a lock was not to be had for ten minutes.
    """
    return migrations.in_turn(database, lambda connection: _downgrade(connection, discard=discard))


def _downgrade(connection: Connection, *, discard: bool) -> Release | None:
    found = read(connection, migrations.head())
    if found.is_newer and found.revision is not None:
        fault = found.fault(version("authserver"))
        by = f"release {found.release}" if found.release else "the release that made it"
        raise SchemaError(fault or f"the database is at revision {found.revision}: only {by} can take it back")
    if found.revision is None:
        raise SchemaError("the database has no tables: there is nothing to go back from")
    if not found.is_current:
        return None
    to = releases.before(found.revision)
    if to is None:
        raise SchemaError(f"{found.revision} belongs to the first release: there is nothing to go back to")
    config = migrations.configured(connection)
    losses = [loss for script in _scripts(config, found.revision, to) for loss in undo(connection, config, script)]
    if losses and not discard:
        raise LossError(to, losses)
    migrations.say_whose(connection, config, to.version)
    return to


def _scripts(config: "Config", revision: str, to: Release) -> list["Script"]:
    from alembic.script import ScriptDirectory

    scripts = list(ScriptDirectory.from_config(config).iterate_revisions(revision, to.revision))
    for script in scripts:
        if not hasattr(script.module, "downgrade"):
            raise SchemaError(
                f"there is no way back to release {to.version}, because migration {script.revision} cannot be undone: "
                "restore the backup that was made before the upgrade"
            )
    return scripts


def undo(connection: Connection, config: "Config", script: "Script") -> list[Loss]:
    """Undo one migration, and say what is lost by that. Raises SchemaError where there are rows that forbid it."""
    from alembic import command

    before = _places(connection)
    # Tried first, to see what goes, and then undone, to count it.
    try:
        with connection.begin_nested() as trial:
            command.downgrade(config, str(script.down_revision))
            after = _places(connection)
            trial.rollback()
    except IntegrityError as error:
        # What PostgreSQL adds in further lines has values of the row.
        reason = f"there are rows that it would not have taken ({str(error.orig).splitlines()[0]})"
        raise SchemaError(f"migration {script.revision} cannot be undone: {reason}") from error
    no_loss = getattr(script.module, "NO_LOSS", ())
    gone = {place: default for place, default in before.items() if place not in after}
    losses = [
        Loss(str(script.doc), name, rows) for name, rows in _counts(connection, gone) if rows and name not in no_loss
    ]
    command.downgrade(config, str(script.down_revision))
    return losses


def _places(connection: Connection) -> Places:
    places = Places()
    # In few statements: the tables that an earlier step changed are locked meanwhile.
    for (_, table), columns in inspect(connection).get_multi_columns().items():
        places[table, ""] = None
        places |= {(table, column["name"]): column["default"] for column in columns}
    return places


def _counts(connection: Connection, gone: Places) -> Iterator[tuple[str, int]]:
    """The rows of each table that is gone, and of each column of another those that have more than its default."""
    for (table, column), default in gone.items():
        if column and (table, "") in gone:
            continue
        other = f" WHERE {column} IS NOT NULL" if column else ""
        other += f" AND {column} <> {default}" if column and default is not None else ""
        count = Statement(text(f"SELECT count(*) FROM {table}{other}"))  # noqa: S608 - all from the schema itself
        yield ".".join(filter(None, (table, column))), int(str(count.value(connection)))
