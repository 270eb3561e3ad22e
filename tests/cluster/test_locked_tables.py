"""One table is locked, as by a migration behind a dump: only what needs it answers 503, however many want it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import httpx
import psycopg
import pytest

from tests.cluster.node import Node, StartNode
from tests.patience import eventually

FLOOD = 8
# Seconds between two requests of each: the clients are on this machine, too.
PACE = 0.1


@contextmanager
def lock(url: str, table: str) -> Iterator[None]:
    """Nobody else can even read this table meanwhile."""
    with psycopg.connect(url) as connection:
        connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield
        connection.rollback()


@contextmanager
def flood(node: Node, refresh_token: str) -> Iterator[list[httpx.Response]]:
    """More people than there are threads and connections refresh all the time; what they get."""
    over, answers = Event(), list[httpx.Response]()

    def refresh(_number: int) -> None:
        while not over.wait(PACE):
            answers.append(node.refresh(refresh_token))

    with ThreadPoolExecutor(FLOOD) as pool:
        running = [pool.submit(refresh, number) for number in range(FLOOD)]
        try:
            yield answers
        finally:
            over.set()
        for each in running:
            each.result()


@pytest.mark.slow
def test_what_needs_no_locked_table_goes_on(start_node: StartNode, cookie: str, cluster_url: str) -> None:
    node = start_node()
    refresh_token = node.redeem(node.code(cookie)).json()["refresh_token"]
    with lock(cluster_url, "users"), flood(node, refresh_token) as answers:
        eventually(lambda: len(answers) >= FLOOD)
        for _ in range(3):
            assert node.service_token().status_code == 200
            for path in ("/jwks.json", "/.well-known/openid-configuration", "/readyz"):
                assert node.get(path).status_code == 200
    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    refreshed = eventually(lambda: [answer for answer in [node.refresh(refresh_token)] if answer.is_success])[0]
    with lock(cluster_url, "events"):
        assert node.service_token().status_code == 200
        assert node.authorize(cookie).status_code == 303
        refreshed = node.refresh(refreshed.json()["refresh_token"])
        assert refreshed.status_code == 200
    with lock(cluster_url, "sessions"):
        refused = node.authorize(cookie)
        assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (503, True)
        assert node.service_token().status_code == 200
    eventually(lambda: node.authorize(cookie).status_code == 303)
    # What was issued meanwhile was written down once it could be.
    kept = "SELECT count(*) FROM events WHERE name = 'token:access_token:issued' AND client_id = 'nightly'"
    with psycopg.connect(cluster_url, autocommit=True) as connection:
        eventually(lambda: connection.execute(kept.encode()).fetchone() == (5,))
