"""Several nodes on one PostgreSQL, each a server of its own with a folder, a port and, if need be, a wrong clock."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authserver.master_key import new_key
from tests.cluster.load import Load
from tests.cluster.node import Node, StartNode
from tests.cluster.whole import Cluster, signed_in


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
        node = Node.started(tmp_path / f"node-{len(nodes)}", shared | settings, seconds_ahead=seconds_ahead)
        nodes.append(node)
        return node

    yield start
    for node in nodes:
        node.stop()


@pytest.fixture
def cookie(cluster_url: str) -> str:
    """The session of a browser in which a person is signed in, on all nodes."""
    return signed_in(cluster_url)


@pytest.fixture(scope="module")
def cluster(postgresql: str) -> Iterator[Cluster]:
    """A whole cluster, for all tests of a file: each leaves it as it was. The other server is there for its user."""
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def tell(record_property: Callable[[str, object], None], request: pytest.FixtureRequest) -> Callable[[Load], None]:
    """Prints what a load got, at the end of the run, and holds that nothing of it was what must not be."""

    def tell(load: Load) -> None:
        record_property("counts", f"{request.node.name}:\n{load.report()}")
        assert load.harm() == {"5xx but 503": 0, "lost": 0, "twice": 0}, (load.report(), load.lost)

    return tell
