"""Behind PgBouncer in transaction mode everything works as without it, and no audit row is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.cluster.node import Node, StartNode
from tests.cluster.pooler import pooler
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


@pytest.mark.slow
def test_a_time_limit_holds_for_its_transaction_alone(start_node: StartNode, pooled_url: str, cluster_url: str) -> None:
    node = start_node(database_url=pooled_url, database_lock_timeout=0.1)
    assert node.service_token().status_code == 200
    with psycopg.connect(cluster_url) as holder:
        holder.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        assert node.get("/readyz").status_code == 503
        holder.rollback()
    eventually(node.is_ready)
    # Whoever else uses the pooler gets the connections of the server as they were.
    with psycopg.connect(pooled_url, autocommit=True, prepare_threshold=None) as other:
        limits = {other.execute("SHOW lock_timeout").fetchone() for _ in range(10)}
    assert limits == {("0",)}
