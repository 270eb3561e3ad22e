"""INSERT … ON CONFLICT, which SQLAlchemy has for each dialect by itself.

A dialect takes long to import and only one of the two is used, so each construct is made when it is first asked for.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table


class Upsert:
    """A constant statement: `complete` says what follows the INSERT of a dialect, `on_conflict_do_…` among it."""

    def __init__(self, table: Table, complete: Callable[[Any], Any]) -> None:
        self._table = table
        self._complete = complete
        self._made: dict[str, Any] = {}

    def on(self, connection: Connection) -> Any:
        """The statement for the database of this connection."""
        name = connection.dialect.name
        if name not in self._made:
            dialect = import_module(f"sqlalchemy.dialects.{name}")
            self._made[name] = self._complete(dialect.insert(self._table))
        return self._made[name]
