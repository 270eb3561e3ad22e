"""INSERT … ON CONFLICT, which SQLAlchemy has for each dialect by itself."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import Insert, Table

from authserver.store.engine.statement import Statement


def upsert(table: Table, complete: Callable[[Any], Any], columns: Sequence[str] | None = None) -> Statement:
    """A constant statement: `complete` says what follows the INSERT of a dialect, `on_conflict_do_…` among it."""

    def construct(dialect: str) -> Insert:
        # A dialect takes long to import, and only one of the two is used.
        completed: Insert = complete(import_module(f"sqlalchemy.dialects.{dialect}").insert(table))
        return completed

    return Statement(construct, columns)
