"""The table of the files that were live."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from authserver.store.tables import metadata

live_files: Table = Table(
    "live_files",
    metadata,
    # Counts up by one; of two nodes that write the next one at once, one does.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("version", String(12), nullable=False),
    Column("live_at", BigInteger, nullable=False),
    Column("who", String(128), nullable=False),
    Column("node", String(255), nullable=False),
    # `start`, `reload`, or `undo`.
    Column("way", String(16), nullable=False),
    # What the file says, and its text, under the master key: a comment can hold anything.
    Column("sealed", LargeBinary, nullable=False),
)
