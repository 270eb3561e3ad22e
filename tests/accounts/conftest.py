"""A server on a migrated SQLite file, with cheap password hashes and a clock moved by hand."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from authserver import create_app
from tests.accounts.site import CLIENTS, Browser, Clock, Site
from tests.conftest import make_settings

MakeSite = Callable[..., Site]


@pytest.fixture
def make_site(tmp_path: Path, sqlite_template: Path) -> Iterator[MakeSite]:
    """Makes a server with these clients and these settings changed."""
    shutil.copyfile(sqlite_template, tmp_path / "authserver.db")
    made: list[Site] = []

    def make(clients: str = CLIENTS, **changed: Any) -> Site:
        (tmp_path / "clients.yaml").write_text(clients)
        clock = Clock()
        cheap = {"password_hash_memory": 8192, "password_hash_time": 1, "password_hash_parallelism": 1}
        settings = make_settings(
            database_url=f"sqlite:///{tmp_path / 'authserver.db'}",
            clients_file=tmp_path / "clients.yaml",
            keys_dir=tmp_path / "keys",
            **cheap | changed,
        )
        site = Site(create_app(settings, clock=clock), clock)
        made.append(site)
        return site

    yield make
    for site in made:
        site.app.server.recorder.close()
        site.app.server.database.engine.dispose()


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A server with Ada in it."""
    site = make_site()
    site.add("ada", "ada@example.com", "Ada <i>Lovelace</i>")
    return site


@pytest.fixture
def browser(site: Site) -> Browser:
    """A fresh browser at that server."""
    return site.browser()
