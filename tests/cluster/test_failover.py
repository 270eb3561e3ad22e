"""The primary is lost under traffic and its standby takes over: nobody loses what they were given."""

from collections.abc import Callable

import pytest

from tests.cluster.load import Load
from tests.cluster.whole import TAKE_OVER, Cluster
from tests.patience import eventually


@pytest.mark.slow
def test_the_primary_is_lost_and_the_standby_takes_over(cluster: Cluster, tell: Callable[[Load], None]) -> None:
    with cluster.load() as load:
        load.go_on()
        # The machine is lost, with its pooler.
        cluster.primary.kill()
        cluster.poolers[0].stop()
        eventually(lambda: load.answers["refresh", "503"] > 0)
        assert {node.get("/jwks.json").status_code for node in cluster.nodes} == {200}
        cluster.standby.run(TAKE_OVER)
        # It tells clients what its server told it first.
        cluster.poolers[1].stop()
        cluster.poolers[1].start()
        load.go_on()
        for node in cluster.nodes:
            eventually(node.is_ready)
        load.go_on()
    tell(load)
    assert load.refused == []
    assert cluster.live_twice(cluster.standby) == 0
