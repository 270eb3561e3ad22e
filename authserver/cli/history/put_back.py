"""Put another text in the place of a file, whole or not at all, unless somebody has changed the file meanwhile.

What is put in force is written into the history in the same transaction: of two who undo at once, one does.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from authserver.cli.context import database_in_reach
from authserver.store import clock
from authserver.store.database import Database
from authserver.store.live_files import files
from authserver.store.live_files.files import LiveFile


class ChangedMeanwhileError(Exception):
    """The file is no longer the one that was looked at."""


@contextmanager
def draft_of(path: Path, content: bytes) -> Iterator[Path]:
    """The text in a file beside this one, with its rights and, where that is allowed, its owner; gone at the end."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    was = path.stat()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            # Whoever is not root cannot give files away: then it is theirs from now on.
            with suppress(PermissionError):
                os.fchown(descriptor, was.st_uid, was.st_gid)
            os.fchmod(descriptor, was.st_mode & 0o777)
            file.flush()
            os.fsync(descriptor)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def put_in_force(database: Database, row: LiveFile, draft: Path, path: Path, seen: bytes) -> None:
    """Let the draft be the file and `row`, with the next number, its entry in the history; both or neither.

    Raises as `put_back`, and ChangedMeanwhileError where another version went live at this moment.
    """
    now = clock.now(database)
    with database_in_reach(), database.write() as connection:
        last = files.newest(connection)
        # Where another node put it back before, or an undo lost its file: it is in the history already.
        if last is None or last.digest != row.digest:
            number, before = (0, 0) if last is None else (last.number, last.live_at)
            # Nothing comes before what it takes the place of.
            if not files.add(connection, replace(row, number=number + 1, live_at=max(now, before))):
                raise ChangedMeanwhileError
        put_back(draft, path, seen)


def put_back(draft: Path, path: Path, seen: bytes) -> None:
    """Let the draft be the file, which had this SHA-256 when it was seen. Raises ChangedMeanwhileError, OSError."""
    if sha256(path.read_bytes()).digest() != seen:
        raise ChangedMeanwhileError
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
