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
from sqlalchemy import delete

from authserver.protocol.authorization_request import AuthorizationRequest
from authserver.store import authorizations, users
from authserver.store.database import Database
from authserver.store.tables import signing_keys
from tests.conftest import DATABASES, open_database
from tests.flows.conftest import CHEAP, MASTER_KEY, _copy_postgresql, _copy_rows
from tests.flows.registry import CLIENTS_YAML, SECRETS
from tests.flows.relying_party import basic, challenge_of
from tests.serve.conftest import Running, eventually, free_port, spawn
from tests.store.at_once import CALLERS, at_once

URI = "https://portal.example.com/callback"
VERIFIER = "v" * 43
CREDENTIALS = {"Authorization": basic("portal", SECRETS["portal"])}
CHAINS, KILLS = 6, 3


@dataclass
class Served:
    """A server of two workers, and the database beneath it."""

    running: Running
    database: Database
    sub: str

    def token(self, **data: str) -> httpx.Response:
        """One token request, on a connection of its own, so that either worker may get it."""
        url = f"http://127.0.0.1:{self.running.port}/token"
        return httpx.post(url, data=data, headers=CREDENTIALS, timeout=20)

    def code(self) -> str:
        """A code that was just given to the portal."""
        now = int(time.time())
        request = AuthorizationRequest(
            client_id="portal",
            redirect_uri=URI,
            redirect_uri_given=True,
            response_mode="query",
            scope=("openid", "offline_access"),
            audiences=("https://reports.example.com",),
            code_challenge=challenge_of(VERIFIER),
        )
        with self.database.write() as connection:
            return authorizations.start(
                connection,
                request,
                sub=self.sub,
                sid="sid",
                auth_time=now,
                amr=("pwd",),
                now=now,
                code_lifetime=600,
                expires_at=now + 86400,
            )[1]

    def redeem(self, code: str) -> httpx.Response:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=URI, code_verifier=VERIFIER)

    def refresh(self, token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def first_token(self) -> str:
        return str(self.redeem(self.code()).json()["refresh_token"])


def serve(folder: Path, url: str, **settings: object) -> Iterator[Served]:
    """Serve this database by two workers; keys are made by them, at today's time."""
    database = open_database(url)
    with database.write() as connection:
        connection.execute(delete(signing_keys))
        ada = users.by_login(connection, "ada")
    assert ada is not None
    (folder / "clients.yaml").write_text(CLIENTS_YAML)
    port = free_port()
    given: dict[str, object] = {"database_url": url, "master_key": MASTER_KEY, "workers": 2} | CHEAP | settings
    running = Running(spawn(folder, port, **given), port, folder)
    eventually(running.is_ready)
    eventually(lambda: len(running.workers()) == 2)
    yield Served(running, database, ada.sub)
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(20)
    database.engine.dispose()


@pytest.fixture(scope="module", params=DATABASES)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, seeded_template: Path
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(seeded_template, folder / "authserver.db")
    url = f"sqlite:///{folder / 'authserver.db'}"
    if request.param == "postgresql":
        server, template = (request.getfixturevalue(name) for name in ("postgresql", "postgresql_template"))
        url, source = _copy_postgresql(server, template), url
        _copy_rows(source, url)
    yield from serve(folder, url)


@pytest.fixture
def strict(tmp_path: Path, seeded_template: Path) -> Iterator[Served]:
    """A server that bears no second use of a refresh token."""
    shutil.copyfile(seeded_template, tmp_path / "authserver.db")
    yield from serve(tmp_path, f"sqlite:///{tmp_path / 'authserver.db'}", refresh_grace=0)


def outcomes(answers: list[httpx.Response]) -> Counter[tuple[int, str | None]]:
    return Counter((answer.status_code, answer.json().get("error")) for answer in answers)


def test_one_of_many_redemptions_wins_and_the_replays_end_what_it_bought(served: Served) -> None:
    code = served.code()
    answers = at_once(lambda _number: served.redeem(code))
    assert outcomes(answers) == {(200, None): 1, (400, "invalid_grant"): CALLERS - 1}
    [winner] = [answer.json() for answer in answers if answer.status_code == 200]
    assert served.refresh(winner["refresh_token"]).json()["error"] == "invalid_grant"
    # Both workers took part, or this shows nothing.
    assert len({line["pid"] for line in served.running.lines("http:request")}) == 2


def test_of_many_refreshes_all_get_the_one_successor(served: Served) -> None:
    token = served.first_token()
    answers = at_once(lambda _number: served.refresh(token))
    assert outcomes(answers) == {(200, None): CALLERS}
    [successor] = {answer.json()["refresh_token"] for answer in answers}
    assert served.refresh(successor).status_code == 200
    # It was used, so its predecessor is a replay now, grace or no grace.
    assert served.refresh(token).json()["error"] == "invalid_grant"
    assert served.refresh(successor).json()["error"] == "invalid_grant"


def test_without_a_grace_one_of_many_refreshes_wins_and_the_replays_end_it(strict: Served) -> None:
    token = strict.first_token()
    answers = at_once(lambda _number: strict.refresh(token))
    assert outcomes(answers) == {(200, None): 1, (400, "invalid_grant"): CALLERS - 1}
    [winner] = [answer.json() for answer in answers if answer.status_code == 200]
    assert strict.refresh(winner["refresh_token"]).json()["error"] == "invalid_grant"


@dataclass
class Traffic:
    """Clients that refresh again and again, and what the server told them."""

    served: Served
    stopped: threading.Event = field(default_factory=threading.Event)
    answered: list[tuple[str, str]] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)

    def go_on_until(self, count: int) -> None:
        eventually(lambda: len(self.answered) >= count or self.refused)

    def run(self, token: str) -> str:
        """The last token that this client was given. A lost answer is asked for again, as a client would."""
        while not self.stopped.is_set():
            try:
                answer = self.served.refresh(token)
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


def test_what_was_answered_outlives_a_killed_worker_and_what_was_spent_stays_spent(served: Served) -> None:
    codes = [served.code() for _ in range(CHAINS)]
    firsts = [str(served.redeem(code).json()["refresh_token"]) for code in codes]
    traffic = Traffic(served)
    with ThreadPoolExecutor(CHAINS) as threads:
        running = [threads.submit(traffic.run, token) for token in firsts]
        try:
            for number in range(1, KILLS + 1):
                traffic.go_on_until(number * 4 * CHAINS)
                kill_a_worker(served.running)
            traffic.go_on_until((KILLS + 1) * 4 * CHAINS)
        finally:
            traffic.stopped.set()
        lasts = [future.result() for future in running]
    # No client met anything but a connection that broke, and each could go on from what it had last.
    assert traffic.refused == []
    assert [served.refresh(token).status_code for token in lasts] == [200] * CHAINS
    # One successor for each token, also where the answer was lost and asked for again.
    successors = dict(traffic.answered)
    assert len(successors) == len(traffic.answered)
    assert len(set(successors.values())) == len(successors)
    # Spent before the kills, spent after them.
    assert outcomes([served.redeem(code) for code in codes]) == {(400, "invalid_grant"): CHAINS}
    assert served.running.lines("http:failed") == []
