"""The server as it runs in production, a process of its own, over people that a template has."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete

from authserver.store import users
from authserver.store.database import Database
from authserver.store.tables import signing_keys
from tests.conftest import open_database
from tests.flows.conftest import CHEAP, MASTER_KEY
from tests.flows.registry import CLIENTS_YAML
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import Running, spawn


@dataclass
class Served:
    """A running server, its database, and the subject of ada."""

    running: Running
    database: Database
    sub: str

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.running.port}"


def serve(
    folder: Path, url: str, *, workers: int, declared: str = CLIENTS_YAML, **settings: object
) -> Iterator[Served]:
    """Serve this database, with this clients.yaml, until the test is over."""
    database = open_database(url)
    with database.write() as connection:
        # Those of the template begin when its clock does, which is not today's.
        connection.execute(delete(signing_keys))
        ada = users.by_login(connection, "ada")
    assert ada is not None
    (folder / "clients.yaml").write_text(declared)
    port = free_port()
    given: dict[str, object] = {"database_url": url, "master_key": MASTER_KEY, "workers": workers}
    given |= {"issuer": f"http://127.0.0.1:{port}"}
    running = Running(spawn(folder, port, **given | CHEAP | settings), port, folder)
    eventually(running.is_ready)
    eventually(lambda: len(running.workers()) == workers)
    yield Served(running, database, ada.sub)
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(PATIENCE)
    database.engine.dispose()
