"""Who is signed in here, with which tokens: rows of one SQLite file, found by the digest of a random id."""

import hashlib
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class SignedIn:
    """A signed-in person: the claims of the ID token, and the tokens. `access_tokens` are by audience."""

    person: dict[str, Any]
    id_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    access_tokens: dict[str, str] = field(repr=False)
    last_call: dict[str, Any] | None = None


class Sessions:
    """Outlives a restart. `locked` gives one request at a time a session: a refresh token is used once."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._connection() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS sessions (digest TEXT PRIMARY KEY, data TEXT NOT NULL)")

    def start(self, session: SignedIn) -> str:
        """Keep a new session and return its id, which only the browser knows."""
        session_id = secrets.token_urlsafe(32)
        self._save(session_id, session)
        return session_id

    def find(self, session_id: str | None) -> SignedIn | None:
        if not session_id:
            return None
        with self._connection() as connection:
            row = connection.execute("SELECT data FROM sessions WHERE digest = ?", (_digest(session_id),)).fetchone()
        return SignedIn(**json.loads(row[0])) if row else None

    @contextmanager
    def locked(self, session_id: str | None) -> Iterator[SignedIn | None]:
        """The session, saved at the end of the block, after a fault too: a replaced refresh token must not be lost."""
        with self._lock:
            session = self.find(session_id)
            try:
                yield session
            finally:
                if session is not None and session_id is not None:
                    self._save(session_id, session)

    def end(self, session_id: str | None) -> SignedIn | None:
        """Delete a session and return what it was."""
        with self._lock:
            session = self.find(session_id)
            with self._connection() as connection:
                connection.execute("DELETE FROM sessions WHERE digest = ?", (_digest(session_id or ""),))
        return session

    def end_elsewhere(self, sid: str) -> None:
        """Delete whatever began with this session of the authorization server."""
        with self._lock, self._connection() as connection:
            connection.execute("DELETE FROM sessions WHERE json_extract(data, '$.person.sid') = ?", (sid,))

    def _save(self, session_id: str, session: SignedIn) -> None:
        with self._connection() as connection:
            row = (_digest(session_id), json.dumps(asdict(session)))
            connection.execute("INSERT OR REPLACE INTO sessions (digest, data) VALUES (?, ?)", row)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=5)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
