"""Nodes tell each other that the keys have changed; whoever hears it looks at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from authserver import create_app
from authserver.keys import Keys
from authserver.maintenance import Runner, notices
from tests.conftest import make_settings
from tests.keys.moves import revoke, rotate
from tests.patience import PATIENCE, eventually

CLIENTS_YAML = "apis: {}\nroles: {user: []}\ndefault_role: user\nclients: []\n"


@pytest.fixture(params=["redis", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Settings of a node that hears of it by Redis or by PostgreSQL."""
    (tmp_path / "clients.yaml").write_text(CLIENTS_YAML)
    given: dict[str, object] = {"clients_file": tmp_path / "clients.yaml", "keys_dir": tmp_path / "keys"}
    if request.param == "redis":
        given["redis_url"] = request.getfixturevalue("redis_url")
    return make_settings(database_url=request.getfixturevalue("new_postgresql")(), **given)


@pytest.fixture
def node(settings: Any) -> Iterator[Any]:
    """A node that listens and never looks by itself."""
    server = create_app(settings).server
    runner = Runner([notices(server)], server.recorder)
    runner.start()
    yield server
    assert runner.stop(PATIENCE)
    server.database.engine.dispose()


def test_a_node_hears_of_a_new_key_and_of_a_revoked_one(settings: Any, node: Any) -> None:
    other = Keys(node.database, node.master, settings)
    other.refresh(node.now())
    made = rotate(other, node.now()).kid
    eventually(lambda: made.encode() in node.keys.jwks()[0])
    revoke(other, made, node.now())
    eventually(lambda: made.encode() not in node.keys.jwks()[0])
