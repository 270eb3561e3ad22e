"""Keys as a running server has them, and a clock that only moves when it is told to."""

from collections.abc import Callable

import pytest

from authserver.keys import Keys
from authserver.master_key import MasterKey, new_key
from authserver.settings import Settings
from authserver.store.database import Database
from tests.conftest import make_settings

T0 = 1_800_000_000
ISSUER = "https://sso.example.com"

MakeKeys = Callable[[], Keys]


@pytest.fixture
def settings() -> Settings:
    return make_settings(issuer=ISSUER)


@pytest.fixture
def master() -> MasterKey:
    return MasterKey([new_key()], "a test")


@pytest.fixture
def another(database: Database, master: MasterKey, settings: Settings) -> MakeKeys:
    """Makes one more worker's keys on the same database."""
    return lambda: Keys(database, master, settings)


@pytest.fixture
def keys(another: MakeKeys) -> Keys:
    """The keys of a server that started at T0."""
    keys = another()
    keys.maintain(T0)
    return keys
