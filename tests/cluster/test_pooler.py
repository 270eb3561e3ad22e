"""Behind PgBouncer in transaction mode everything works as without it, and no audit row is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import text

from authserver.store.database import pooled
from authserver.store.engine.limits import Limits
from tests.cluster.node import Node, StartNode
from tests.cluster.pooler import pooler
from tests.cluster.test_locked_tables import lock
from tests.patience import eventually

FAULTS = ("http:failed", "database:unavailable", "events:lost", "maintenance:failed", "maintenance:storage_failed")


@pytest.fixture
def pooled_url(cluster_url: str) -> Iterator[str]:
    with pooler(cluster_url) as url:
        yield url


def use(node: Node, cookie: str) -> int:
    """A code flow and a few refreshes, and how many times tokens were issued."""
    answers = [node.redeem(node.code(cookie))]
    for _ in range(5):
        answers.append(node.refresh(answers[-1].json()["refresh_token"]))
    answers.append(node.service_token())
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    return len(answers)


@pytest.mark.slow
def test_flows_work_and_every_event_is_kept(
    start_node: StartNode, cookie: str, cluster_url: str, pooled_url: str
) -> None:
    # The second comes by settings that others use behind a pooler.
    nodes = start_node(database_url=pooled_url), start_node(database_url=f"{pooled_url}?prepare_threshold=0")
    with ThreadPoolExecutor(8) as people:
        issued = sum(people.map(lambda number: use(nodes[number % 2], cookie), range(24)))
    kept = b"SELECT count(*) FROM events WHERE name = 'token:access_token:issued'"
    with psycopg.connect(cluster_url, autocommit=True) as connection:
        eventually(lambda: connection.execute(kept).fetchone() == (issued,))
    for node in nodes:
        assert {name: node.lines(name) for name in FAULTS} == {name: [] for name in FAULTS}
        assert node.get("/readyz").status_code == 200
    made = nodes[0].command("keys", "rotate").split()[0]
    eventually(lambda: all(made in node.kids() for node in nodes))


def test_every_transaction_and_every_single_statement_has_its_limits(pooled_url: str) -> None:
    database = pooled(pooled_url, 1, Limits(5, 2))
    of_now = text("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
    # The first connection finds out that there is a pooler.
    with database.read():
        pass
    assert database.is_pooled
    for use in (database.read, database.write, database.write_one):
        with use() as connection:
            assert connection.execute(of_now).one() == ("5s", "2s")
    for use in (database.write, database.write_one):
        with use(is_brief=True) as connection:
            assert connection.execute(of_now).one() == ("1250ms", "500ms")
    database.engine.dispose()


@pytest.mark.slow
def test_a_time_limit_holds_for_its_transaction_alone(
    start_node: StartNode, cookie: str, pooled_url: str, cluster_url: str
) -> None:
    node = start_node(database_url=pooled_url, database_lock_timeout=0.4)
    refresh_token = node.redeem(node.code(cookie)).json()["refresh_token"]
    with lock(cluster_url, "users"):
        # Without a limit, nobody would answer as long as the table is locked.
        assert node.refresh(refresh_token).status_code == 503
        assert node.service_token().status_code == 200
    eventually(lambda: node.refresh(refresh_token).is_success)
    # Whoever else uses the pooler gets the connections of the server as they were.
    with psycopg.connect(pooled_url, autocommit=True, prepare_threshold=None) as other:
        limits = {other.execute("SHOW lock_timeout").fetchone() for _ in range(10)}
    assert limits == {("0",)}
