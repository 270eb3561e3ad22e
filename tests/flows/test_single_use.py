"""The one-way moves with two real worker processes, and with a worker that is killed amid traffic."""

import os
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.store import sessions
from authserver.store.allowed import authorizations
from authserver.store.sessions import SignIn
from tests.flows.conftest import copy_rows
from tests.flows.registry import SECRETS
from tests.flows.relying_party import basic, challenge_of
from tests.flows.served import Served, serve
from tests.patience import PATIENCE, eventually
from tests.serve.conftest import Running
from tests.store.at_once import CALLERS, at_once

URI = "https://portal.example.com/callback"
VERIFIER = "v" * 43
CREDENTIALS = {"Authorization": basic("portal", SECRETS["portal"])}
CHAINS, KILLS = 6, 3


class Portal:
    """A client of the server, and a person behind it who says yes to everything."""

    def __init__(self, served: Served) -> None:
        self.running = served.running
        self._served = served

    def token(self, **data: str) -> httpx.Response:
        """One token request, on a connection of its own, so that either worker may get it."""
        return httpx.post(f"{self._served.issuer}/token", data=data, headers=CREDENTIALS, timeout=PATIENCE)

    def code(self) -> str:
        """A code that was just given to the portal."""
        now = int(time.time())
        request = BrowserRequest(
            client_id="portal",
            redirect_uri=URI,
            redirect_uri_given=True,
            response_mode="query",
            scope=("openid", "offline_access"),
            audiences=("https://reports.example.com",),
            code_challenge=challenge_of(VERIFIER),
        )
        with self._served.database.write() as connection:
            sign_in = SignIn(self._served.sub, ("pwd",), 86400, 86400)
            started = authorizations.start(
                connection,
                request,
                sub=self._served.sub,
                sid=sessions.start(connection, sign_in, now)[1].sid,
                auth_time=now,
                amr=("pwd",),
                now=now,
                code_lifetime=600,
                expires_at=now + 86400,
            )
        assert started is not None
        return started[1]

    def redeem(self, code: str) -> httpx.Response:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=URI, code_verifier=VERIFIER)

    def refresh(self, token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def first_token(self) -> str:
        return str(self.redeem(self.code()).json()["refresh_token"])


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def portal(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, seeded_template: Path
) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(seeded_template, folder / "authserver.db")
    url = f"sqlite:///{folder / 'authserver.db'}"
    if request.param == "postgresql":
        url, source = request.getfixturevalue("new_postgresql")(), url
        copy_rows(source, url)
    for served in serve(folder, url, workers=2):
        yield Portal(served)


@pytest.fixture
def strict(tmp_path: Path, seeded_template: Path) -> Iterator[Portal]:
    """A server that bears no second use of a refresh token."""
    shutil.copyfile(seeded_template, tmp_path / "authserver.db")
    for served in serve(tmp_path, f"sqlite:///{tmp_path / 'authserver.db'}", workers=2, refresh_grace=0):
        yield Portal(served)


def outcomes(answers: list[httpx.Response]) -> Counter[tuple[int, str | None]]:
    return Counter((answer.status_code, answer.json().get("error")) for answer in answers)


def test_one_of_many_redemptions_wins_and_the_replays_end_what_it_bought(portal: Portal) -> None:
    def both_workers_took_part() -> bool:
        before, code = len(portal.running.lines("http:request")), portal.code()
        answers = at_once(lambda _number: portal.redeem(code))
        assert outcomes(answers) == {(200, None): 1, (400, "invalid_grant"): CALLERS - 1}
        [winner] = [answer.json() for answer in answers if answer.status_code == 200]
        assert portal.refresh(winner["refresh_token"]).json()["error"] == "invalid_grant"
        return len({line["pid"] for line in portal.running.lines("http:request")[before:]}) == 2

    # The kernel chooses who gets a connection, and where one worker got them all this shows nothing.
    eventually(both_workers_took_part)


def test_of_many_refreshes_all_get_the_one_successor(portal: Portal) -> None:
    token = portal.first_token()
    answers = at_once(lambda _number: portal.refresh(token))
    assert outcomes(answers) == {(200, None): CALLERS}
    [successor] = {answer.json()["refresh_token"] for answer in answers}
    assert portal.refresh(successor).status_code == 200
    # It was used, so its predecessor is a replay now, grace or no grace.
    assert portal.refresh(token).json()["error"] == "invalid_grant"
    assert portal.refresh(successor).json()["error"] == "invalid_grant"


@pytest.mark.slow
def test_without_a_grace_one_of_many_refreshes_wins_and_the_replays_end_it(strict: Portal) -> None:
    token = strict.first_token()
    answers = at_once(lambda _number: strict.refresh(token))
    assert outcomes(answers) == {(200, None): 1, (400, "invalid_grant"): CALLERS - 1}
    [winner] = [answer.json() for answer in answers if answer.status_code == 200]
    assert strict.refresh(winner["refresh_token"]).json()["error"] == "invalid_grant"


@dataclass
class Traffic:
    """Clients that refresh again and again, and what the server told them."""

    portal: Portal
    stopped: threading.Event = field(default_factory=threading.Event)
    answered: list[tuple[str, str]] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)

    def go_on_until(self, count: int) -> None:
        eventually(lambda: len(self.answered) >= count or self.refused)

    def run(self, token: str) -> str:
        """The last token that this client was given. A lost answer is asked for again, as a client would."""
        while not self.stopped.is_set():
            try:
                answer = self.portal.refresh(token)
            except httpx.TransportError:
                continue
            if answer.status_code != 200:
                self.refused.append(answer.json())
                return token
            successor = answer.json()["refresh_token"]
            self.answered.append((token, successor))
            token = successor
        return token


def kill_a_worker(running: Running) -> None:
    victim = running.workers()[0]
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: victim not in running.workers() and len(running.workers()) == 2)


@pytest.mark.slow
def test_what_was_answered_outlives_a_killed_worker_and_what_was_spent_stays_spent(portal: Portal) -> None:
    codes = [portal.code() for _ in range(CHAINS)]
    firsts = [str(portal.redeem(code).json()["refresh_token"]) for code in codes]
    traffic = Traffic(portal)
    with ThreadPoolExecutor(CHAINS) as threads:
        running = [threads.submit(traffic.run, token) for token in firsts]
        try:
            for number in range(1, KILLS + 1):
                traffic.go_on_until(number * 4 * CHAINS)
                kill_a_worker(portal.running)
            traffic.go_on_until((KILLS + 1) * 4 * CHAINS)
        finally:
            traffic.stopped.set()
        lasts = [future.result() for future in running]
    # No client met anything but a connection that broke, and each could go on from what it had last.
    assert traffic.refused == []
    assert [portal.refresh(token).status_code for token in lasts] == [200] * CHAINS
    # One successor for each token, also where the answer was lost and asked for again.
    successors = dict(traffic.answered)
    assert len(successors) == len(traffic.answered)
    assert len(set(successors.values())) == len(successors)
    # Spent before the kills, spent after them.
    assert outcomes([portal.redeem(code) for code in codes]) == {(400, "invalid_grant"): CHAINS}
    assert portal.running.lines("http:failed") == []
