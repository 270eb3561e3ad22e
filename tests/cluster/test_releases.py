"""The release before works on the schema of this one, under traffic: on the way there, and on the way back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authserver.master_key import new_key
from authserver.store.upkeep import migrations, releases
from tests.cluster.load import Load
from tests.cluster.node import TOP, Node
from tests.cluster.release import unpacked
from tests.conftest import open_database
from tests.patience import eventually

BEFORE = releases.before("9999")
# Run with the code of before: that of now writes into columns that are not there yet.
SIGN_IN = """
import time
from authserver.cli.context import load_settings, open_database
from authserver.store import sessions, users
database, now = open_database(load_settings()), int(time.time())
with database.write() as connection:
    person = users.add(connection, username="ada", email="ada@example.com", name="Ada", roles=["user"], now=now)
    cookie, _ = sessions.start(connection, sessions.SignIn(person.sub, ("pwd",), 3600, 3600), now)
print(cookie)
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """The code of the release before."""
    assert BEFORE is not None
    return unpacked(BEFORE.version, tmp_path / "code")


@pytest.fixture
def two_nodes(empty_database_url: str, tmp_path: Path, code: Path) -> Iterator[tuple[Node, Node]]:
    """Two nodes on the release before, as a team has them that upgrades."""
    shared = {"master_key": new_key(), "database_url": empty_database_url, "refresh_grace": 600}
    nodes = tuple(Node.begun(tmp_path / f"node-{number}", shared, code=code) for number in range(2))
    for node in nodes:
        eventually(node.is_ready)
    yield nodes[0], nodes[1]
    for node in nodes:
        node.kill()


def replace(nodes: tuple[Node, Node], code: Path, load: Load) -> None:
    """One after the other goes on with this code, while the other one serves."""
    for node in nodes:
        node.stop()
        node.run_with(code)
        node.start_again()
        load.go_on()
        assert all(each.is_ready() for each in nodes)


@pytest.mark.slow
def test_an_upgrade_and_the_way_back_under_traffic(
    two_nodes: tuple[Node, Node], code: Path, empty_database_url: str, tell: Callable[[Load], None]
) -> None:
    assert BEFORE is not None
    first, _ = two_nodes
    database = open_database(empty_database_url)
    assert migrations.schema(database).revision == BEFORE.revision
    with Load(two_nodes, first.python(SIGN_IN, code=code).strip()) as load:
        load.go_on()
        first.command("db", "upgrade", code=TOP)
        assert migrations.schema(database).is_current
        load.go_on()
        assert all(node.is_ready() for node in two_nodes)
        replace(two_nodes, TOP, load)
        replace(two_nodes, code, load)
        # The schema, too: of this release nothing is left, which has nothing to lose that the one before needs.
        if BEFORE.revision < migrations.head():
            first.command("db", "downgrade", "--discard", code=TOP)
            assert migrations.schema(database).revision == BEFORE.revision
            load.go_on()
            assert all(node.is_ready() for node in two_nodes)
    tell(load)
    assert load.refused == []
    database.engine.dispose()
