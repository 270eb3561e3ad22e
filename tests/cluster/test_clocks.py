"""A node with a wrong clock decides as the others do: the database's clock counts."""

import pytest

from tests.cluster.node import StartNode
from tests.patience import eventually


@pytest.mark.slow
def test_a_node_75_seconds_ahead_takes_what_the_others_gave_and_no_retry_for_a_replay(
    start_node: StartNode, cookie: str
) -> None:
    right, ahead = start_node(), start_node(seconds_ahead=75)
    redeemed = ahead.redeem(right.code(cookie))
    assert redeemed.status_code == 200, redeemed.text
    first = redeemed.json()["refresh_token"]
    second = right.refresh(first).json()["refresh_token"]
    retried = ahead.refresh(first)
    assert (retried.status_code, retried.json().get("refresh_token")) == (200, second)
    assert right.refresh(second).status_code == 200
    (warning,) = eventually(lambda: ahead.readiness().get("warnings"))
    assert warning.startswith("clock: this machine is 75.0 s ahead of the database")
    assert "warnings" not in right.readiness()
    (line,) = eventually(lambda: ahead.lines("server:clock:skewed"))
    assert line["seconds"] == pytest.approx(75, abs=1)
