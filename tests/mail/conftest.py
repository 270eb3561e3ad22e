"""A mail server, and an application on either database that sends through it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from authserver import create_app
from authserver.events import recorder
from authserver.server import Server
from authserver.store import users
from authserver.store.users import User
from tests.accounts.site import CLIENTS, NOW, Clock
from tests.conftest import make_settings
from tests.mail.post import MailServer

MakeServer = Callable[..., Server]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_server(tmp_path: Path, database_url: str, mail_server: MailServer, clock: Clock) -> Iterator[MakeServer]:
    """Makes servers on one database, as workers are; each sends to the mail server."""
    (tmp_path / "clients.yaml").write_text(CLIENTS)
    made: list[Server] = []

    def make(**changed: Any) -> Server:
        given = {"smtp_host": "127.0.0.1", "smtp_port": mail_server.port, "smtp_security": "none", "smtp_timeout": 60}
        settings = make_settings(
            database_url=database_url,
            clients_file=tmp_path / "clients.yaml",
            keys_dir=tmp_path / "keys",
            **given | changed,
        )
        made.append(create_app(settings, clock=clock).server)
        return made[-1]

    yield make
    for each in made:
        each.recorder.close()
        each.database.engine.dispose()


@pytest.fixture
def server(make_server: MakeServer) -> Iterator[Server]:
    server = make_server()
    token = recorder.set(server.recorder)
    yield server
    recorder.reset(token)


@pytest.fixture
def ada(server: Server) -> User:
    with server.database.write() as connection:
        return users.add(
            connection, username="ada", email="ada@example.com", name="Ada\r\nBcc: all@example.com", now=NOW
        )
