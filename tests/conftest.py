"""Real parts for every test: a PostgreSQL and a Redis server, and a migrated database of either kind."""

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import hypothesis
import pytest
import structlog
from pydantic import BaseModel
from sqlalchemy import create_engine
from structlog.contextvars import merge_contextvars

from authserver.clients.build import as_client
from authserver.clients.served import first_use
from authserver.protocol.client.client import Client
from authserver.settings import Settings
from authserver.store.database import Database, engine_options, engine_url
from authserver.store.upkeep import migrations
from tests.drawn import draw_alike
from tests.patience import PATIENCE, lend_patience
from tests.postgresql import created, emptied, started
from tests.remembered import remember, remembered_keys

if TYPE_CHECKING:
    from tests.mail.post import MailServer

# In every run the same examples; for a long search: pytest --hypothesis-profile=deep
PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("quick", derandomize=True, max_examples=40, **PATIENT)
hypothesis.settings.register_profile("deep", max_examples=20_000, **PATIENT)
hypothesis.settings.load_profile("quick")
draw_alike()


lend_patience()
remember()


# What is logged is read where a test fails, plain: colours and columns cost more than many a request.
structlog.configure(
    processors=[
        merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
    ]
)

# What was imported stays: to look through it for garbage, again and again, took a good part of the time.
gc.disable()


def pytest_collection_finish() -> None:
    """Leave alone all that the tests were collected from; garbage is looked for in what they make."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted, also those that passed."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    for report in reports:
        for name, value in report.user_properties:
            if name == "counts":
                terminalreporter.write_line(str(value))


class GivenSettings(Settings):
    """Settings that neither the environment nor `.env` can change."""

    def __init__(self, **values: Any) -> None:
        # Past BaseSettings, which looks for each value in every source.
        BaseModel.__init__(self, **values)


# A busy machine is slow, not wrong.
SLOW = {"database_statement_timeout": PATIENCE, "database_lock_timeout": PATIENCE}


def make_settings(**values: Any) -> Settings:
    """Settings of these values and the defaults."""
    return GivenSettings(**SLOW | values)


@pytest.fixture(autouse=True)
def _remembered_keys() -> Iterator[None]:
    """RSA keys that other tests have had, too. Within this test each is another."""
    with remembered_keys():
        yield


DATABASES = ("sqlite", "postgresql")


def open_database(url: str) -> Database:
    """A database with the pool of one worker."""
    return Database(create_engine(engine_url(url), **engine_options(url, pool_size=20)))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL server."""
    yield from started(tmp_path_factory.mktemp("runtime"))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a real, empty Redis server on a free port of the loopback."""
    from tests.own_redis import OwnRedis

    server = OwnRedis()
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def mail_server() -> "Iterator[MailServer]":
    """A real mail server on a free port, that keeps what it is handed."""
    from tests.mail.post import MailServer

    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied: cheaper than migrating once a test."""
    path = tmp_path_factory.mktemp("template") / "authserver.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def new_postgresql(postgresql: str) -> Callable[[], str]:
    """Makes migrated PostgreSQL databases that nobody else uses."""
    template = created(postgresql)
    _migrate(template)
    return lambda: created(postgresql, Path(urlsplit(template).path).name)


@pytest.fixture(scope="session")
def shared_postgresql(new_postgresql: Callable[[], str]) -> str:
    """One PostgreSQL database for all, emptied between tests: to make one takes much longer."""
    return new_postgresql()


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of either kind without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return created(request.getfixturevalue("postgresql"))


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of either kind without any row."""
    if request.param == "sqlite":
        path = tmp_path / "authserver.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    return emptied(request.getfixturevalue("shared_postgresql"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database of either kind without any row, open."""
    database = open_database(database_url)
    yield database
    database.engine.dispose()


def _migrate(url: str) -> None:
    database = open_database(url)
    migrations.upgrade(database)
    database.engine.dispose()


@pytest.fixture
def made_clients(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the clients that are made of their entries."""
    found: list[str] = []

    def noted(*given: object, **named: object) -> Client:
        client = as_client(*given, **named)  # type: ignore[arg-type]
        found.append(client.client_id)
        return client

    monkeypatch.setattr(first_use, "as_client", noted)
    return found
