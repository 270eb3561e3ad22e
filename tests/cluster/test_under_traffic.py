"""Something breaks or is changed under traffic: some are asked to try again, and nobody loses anything."""

import signal
from collections.abc import Callable

import pytest

from tests.cluster.load import Load
from tests.cluster.site import CLIENTS_YAML
from tests.cluster.test_locked_tables import lock
from tests.cluster.whole import Cluster
from tests.patience import eventually

pytestmark = pytest.mark.slow
Tell = Callable[[Load], None]


def test_a_node_is_killed(cluster: Cluster, tell: Tell) -> None:
    with cluster.load() as load:
        load.go_on()
        cluster.nodes[0].kill()
        load.go_on()
        cluster.nodes[0].start_again()
        load.go_on()
    tell(load)
    assert load.refused == []
    assert cluster.live_twice(cluster.primary) == 0


def test_every_node_is_restarted_one_after_the_other(cluster: Cluster, tell: Tell) -> None:
    with cluster.load() as load:
        for node in cluster.nodes:
            load.go_on()
            node.stop()
            load.go_on()
            node.start_again()
        load.go_on()
    tell(load)
    assert load.refused == []
    # Whoever asks a node that stops is answered, or gets the next one.
    assert {status for _, status in load.answers} == {"200", "303", "400"}


def test_redis_is_away_and_comes_back(cluster: Cluster, tell: Tell) -> None:
    with cluster.load() as load:
        load.go_on()
        cluster.redis.stop()
        load.go_on()
        cluster.redis.start()
        load.go_on()
    tell(load)
    assert load.refused == []
    assert {status for _, status in load.answers} == {"200", "303", "400"}


def test_the_pooler_is_restarted(cluster: Cluster, tell: Tell) -> None:
    with cluster.load() as load:
        load.go_on()
        cluster.poolers[0].stop()
        cluster.poolers[0].start()
        load.go_on()
        for node in cluster.nodes:
            eventually(node.is_ready)
    tell(load)
    assert load.refused == []


def test_a_table_is_locked(cluster: Cluster, tell: Tell) -> None:
    with cluster.load() as load:
        load.go_on()
        with lock(cluster.primary.url, "users"):
            before = load.answers["client credentials", "200"]
            # What needs no person goes on, and what does asks to try again.
            eventually(lambda: load.answers["client credentials", "200"] >= before + 10)
            eventually(lambda: load.answers["refresh", "503"] > 0)
        # Whoever met the lock last tries again a second later, and the next test must not meet that.
        load.go_on(60)
    tell(load)
    assert load.refused == []


def test_clients_yaml_is_changed(cluster: Cluster, tell: Tell) -> None:
    changed = CLIENTS_YAML.replace("name: Portal", "name: The portal")
    assert changed != CLIENTS_YAML
    before = {node.readiness()["clients_version"] for node in cluster.nodes}
    with cluster.load() as load:
        load.go_on()
        for node in cluster.nodes:
            node.clients_file.write_text(changed)
            node.process.send_signal(signal.SIGHUP)
        eventually(lambda: before.isdisjoint(node.readiness()["clients_version"] for node in cluster.nodes))
        load.go_on()
    tell(load)
    assert load.refused == []
    assert {status for _, status in load.answers} == {"200", "303", "400"}


def test_the_key_is_rotated_now_and_then_revoked_in_an_emergency(cluster: Cluster, tell: Tell) -> None:
    (first,) = cluster.nodes[0].kids()
    with cluster.load() as load:
        load.go_on()
        second = cluster.nodes[0].command("keys", "rotate", "--now").split()[0]
        eventually(lambda: second in load.kids)
        assert load.refused == []
        cluster.nodes[1].command("keys", "revoke", second)
        eventually(lambda: load.kids - {first, second})
        eventually(lambda: all(second not in node.kids() for node in cluster.nodes))
        load.go_on()
    tell(load)
    # Not for a moment did a node want a key to sign with.
    assert {status for _, status in load.answers} <= {"200", "303", "400", "401"}
