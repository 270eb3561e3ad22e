"""A server for each flow test: by default on SQLite; tests marked `on_both` run on PostgreSQL, too."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, event, insert, select

from authserver import create_app
from authserver.settings import Settings
from authserver.signin.password import Passwords
from authserver.store import directory, users
from authserver.store.tables import signing_keys, user_roles
from authserver.store.tables import users as users_table
from tests.conftest import make_settings, open_database
from tests.flows.browser import PASSWORD, Browser
from tests.flows.provider import START, Clock, Provider
from tests.flows.registry import CLIENTS_YAML
from tests.flows.relying_party import RelyingParty
from tests.postgresql import emptied

MASTER_KEY = Fernet.generate_key().decode()
# Cheap: what argon2id costs is not what these tests are about.
CHEAP = {"password_hash_memory": 8192, "password_hash_time": 1, "password_hash_parallelism": 1}
PEOPLE = {"gus": "guest", "ada": "user", "mia": "moderator", "root": "admin"}
SEEDED = (users_table, user_roles, signing_keys)
MakeProvider = Callable[..., Provider]


def settings_for(url: str, clients_file: Path, **values: Any) -> Settings:
    """Settings of a server of these tests."""
    given = {"database_url": url, "clients_file": clients_file, "master_key": MASTER_KEY} | CHEAP | values
    return make_settings(**given)


@pytest.fixture(scope="session")
def seeded_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with four people and signing keys, to be copied: hashing and key making happen once."""
    folder = tmp_path_factory.mktemp("seeded")
    path, clients_file = folder / "authserver.db", folder / "clients.yaml"
    shutil.copyfile(sqlite_template, path)
    clients_file.write_text(CLIENTS_YAML)
    app = create_app(settings_for(f"sqlite:///{path}", clients_file), clock=Clock())
    hashed = Passwords(app.server.settings).hash(PASSWORD)
    with app.server.database.write() as connection:
        for username, role in PEOPLE.items():
            users.add(
                connection,
                username=username,
                email=f"{username}@example.com",
                email_verified=True,
                password_hash=hashed,
                name=f"{username.title()} Example",
                roles=[role],
                now=START - 1000,
            )
    # The last connection to be closed writes all that is in the WAL into the file.
    app.server.database.engine.dispose()
    return path


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, seeded_template: Path) -> str:
    """The database of this test's servers, with people and keys."""
    path = tmp_path / "authserver.db"
    shutil.copyfile(seeded_template, path)
    url = f"sqlite:///{path}"
    if getattr(request, "param", "sqlite") == "sqlite":
        return url
    shared = emptied(request.getfixturevalue("shared_postgresql"))
    copy_rows(url, shared)
    return shared


@pytest.fixture
def make_provider(database_url: str, tmp_path: Path) -> Iterator[MakeProvider]:
    """Start a server with these settings; several on one database are several workers."""
    made: list[Provider] = []
    clients_file = tmp_path / "clients.yaml"
    clients_file.write_text(CLIENTS_YAML)
    clock = Clock()

    def make(**values: Any) -> Provider:
        app = create_app(settings_for(database_url, clients_file, **values), clock=clock)
        _hasten(app.server.database.engine)
        with app.server.database.read() as connection:
            people = {user.username: user.sub for user in directory.everybody(connection)}
        made.append(Provider(app, clock, people, clients_file))
        return made[-1]

    yield make
    for provider in made:
        provider.close()


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """The server, with default settings."""
    return make_provider()


@pytest.fixture
def browser(provider: Provider) -> Browser:
    """A browser without cookies."""
    return provider.browser()


@pytest.fixture
def portal(provider: Provider) -> RelyingParty:
    """A web application, consent once, two APIs."""
    return provider.client("portal")


@pytest.fixture
def intranet(provider: Provider) -> RelyingParty:
    """A first-party web application that asks no consent and authenticates by post."""
    return provider.client("intranet")


@pytest.fixture
def dashboard(provider: Provider) -> RelyingParty:
    """A single-page application, without a secret."""
    return provider.client("dashboard")


def _hasten(engine: Engine) -> None:
    """No test here cuts the power: waiting for the disk at each commit would take most of the time."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF").close())
        engine.dispose()


def copy_rows(source: str, target: str) -> None:
    """Copy the people and keys of one database into another."""
    old, new = open_database(source), open_database(target)
    with old.read() as reader, new.write() as writer:
        for table in SEEDED:
            writer.execute(insert(table), [dict(row) for row in reader.execute(select(table)).mappings()])
    old.engine.dispose()
    new.engine.dispose()
