"""Several nodes on one PostgreSQL, each a server of its own with a folder, a port and, if need be, a wrong clock."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authserver.master_key import new_key
from authserver.people_settings import HOUR
from authserver.store import sessions, users
from tests.cluster.node import Node, StartNode, stop
from tests.conftest import open_database


@pytest.fixture
def cluster_url(new_postgresql: Callable[[], str]) -> str:
    """The database of all nodes."""
    return new_postgresql()


@pytest.fixture
def start_node(tmp_path: Path, cluster_url: str) -> Iterator[StartNode]:
    """Starts one more node on the same database and waits until it is ready."""
    nodes: list[Node] = []
    shared: dict[str, object] = {"database_url": cluster_url, "master_key": new_key()}

    def start(*, seconds_ahead: int = 0, **settings: object) -> Node:
        node = Node.started(tmp_path / f"node-{len(nodes)}", seconds_ahead, shared | settings)
        nodes.append(node)
        return node

    yield start
    for node in nodes:
        stop(node)


@pytest.fixture
def cookie(cluster_url: str) -> str:
    """The session of a browser in which a person is signed in, on all nodes."""
    database, now = open_database(cluster_url), int(time.time())
    with database.write() as connection:
        person = users.add(connection, username="ada", email="ada@example.com", name="Ada", roles=["user"], now=now)
        cookie, _ = sessions.start(connection, sessions.SignIn(person.sub, ("pwd",), HOUR, HOUR), now)
    database.engine.dispose()
    return cookie
