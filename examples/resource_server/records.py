"""What the resource server keeps: short texts in two collections, in one SQLite file."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

FIRST = {
    "reports": ("Sales in October", "Visitors in October", "Costs in October"),
    "users": ("Grace Hopper", "Edsger Dijkstra", "Barbara Liskov"),
}


class Records:
    """`reports` and `users`; a new file begins with a few of each."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._connection() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                "collection TEXT, text TEXT, written_by TEXT, written_at INTEGER)"
            )
            if connection.execute("SELECT count(*) FROM records").fetchone()[0] == 0:
                now = int(time.time())
                rows = [(name, text, "example", now) for name, texts in FIRST.items() for text in texts]
                connection.executemany(_INSERT, rows)

    def read(self, collection: str) -> list[dict[str, object]]:
        """The newest twenty."""
        with self._connection() as connection:
            return [dict(row) for row in connection.execute(_SELECT, (collection, 20))]

    def write(self, collection: str, text: str, author: str) -> dict[str, object]:
        """Add one and return it."""
        with self._connection() as connection:
            connection.execute(_INSERT, (collection, text, author, int(time.time())))
            return dict(connection.execute(_SELECT, (collection, 1)).fetchone())

    def delete_newest(self, collection: str) -> dict[str, object] | None:
        """Delete the newest and return it; None when there is none."""
        with self._connection() as connection:
            row = connection.execute(_SELECT, (collection, 1)).fetchone()
            if row is None:
                return None
            connection.execute("DELETE FROM records WHERE id = ?", (row["id"],))
            return dict(row)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=5)
        connection.row_factory = sqlite3.Row
        try:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
        finally:
            connection.close()


_INSERT = "INSERT INTO records (collection, text, written_by, written_at) VALUES (?, ?, ?, ?)"
_SELECT = "SELECT id, text, written_by, written_at FROM records WHERE collection = ? ORDER BY id DESC LIMIT ?"
