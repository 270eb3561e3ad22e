"""The guard in an event loop: it decides as everywhere, and never waits for the issuer."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from authserver.guard import Guard, InvalidTokenError, KeysUnavailableError, Token
from tests.guard.conftest import Clock
from tests.guard.issuer import Answer, Issuer
from tests.patience import PATIENCE

METADATA, JWKS = "/.well-known/openid-configuration", "/jwks.json"


@contextmanager
def held_back(issuer: Issuer) -> Iterator[Callable[[], None]]:
    """The JWKS as it is now, answered only when the yielded function was called."""
    go, answer = threading.Event(), issuer._answer(JWKS)

    def wait() -> Answer:
        assert go.wait(PATIENCE)
        return answer

    issuer.answers[JWKS] = wait
    yield go.set
    go.set()


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def run(talk: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(talk(), PATIENCE))


def test_a_hundred_first_requests_at_once_fetch_once(issuer: Issuer, guard: Guard) -> None:
    async def talk() -> None:
        tokens = await asyncio.gather(*(guard.verify_async(issuer.token()) for _ in range(100)))
        assert {token.sub for token in tokens} == {"ada"}

    run(talk)
    assert issuer.requests == [METADATA, JWKS]


def test_stale_keys_serve_while_new_ones_are_on_their_way(issuer: Issuer, guard: Guard, clock: Clock) -> None:
    token = issuer.token(exp=clock.now + 10**6)

    async def talk() -> None:
        await guard.verify_async(token)
        clock.now += 601
        with held_back(issuer) as go:
            for _ in range(20):
                assert (await guard.verify_async(token)).sub == "ada"
            await until(lambda: issuer.requests.count(JWKS) == 2)
            go()
        await until(lambda: guard._keys.at_once() is not None)
        await guard.verify_async(token)

    run(talk)
    assert issuer.requests.count(JWKS) == 2


def test_a_caller_who_goes_away_takes_the_keys_from_nobody(issuer: Issuer, guard: Guard) -> None:
    async def talk() -> None:
        with held_back(issuer) as go:
            first, second = (asyncio.create_task(guard.verify_async(issuer.token())) for _ in range(2))
            await until(lambda: JWKS in issuer.requests)
            first.cancel()
            go()
            assert (await second).sub == "ada"
        assert first.cancelled()

    run(talk)


def test_a_new_key_is_fetched_at_its_first_token(issuer: Issuer, guard: Guard, other_rsa_key: RSAKey) -> None:
    async def talk() -> None:
        await guard.verify_async(issuer.token())
        issuer.keys.append(other_rsa_key)
        tokens = await asyncio.gather(*(guard.verify_async(issuer.token(other_rsa_key)) for _ in range(10)))
        assert {token.sub for token in tokens} == {"ada"}

    run(talk)
    assert issuer.requests.count(JWKS) == 2


def test_unknown_keys_keep_no_good_token_waiting(issuer: Issuer, guard: Guard) -> None:
    async def talk() -> None:
        good = issuer.token()
        await guard.verify_async(good)
        with held_back(issuer) as go:
            bad = [
                asyncio.create_task(guard.verify_async(issuer.token(header={"kid": f"unknown-{number}"})))
                for number in range(50)
            ]
            await until(lambda: issuer.requests.count(JWKS) == 2)
            before = set(threading.enumerate())
            assert (await guard.verify_async(good)).sub == "ada"
            assert not any(task.done() for task in bad)
            # Those that served the issuer's earlier answers may end meanwhile.
            assert set(threading.enumerate()) <= before
            go()
        assert {type(result) for result in await asyncio.gather(*bad, return_exceptions=True)} == {InvalidTokenError}

    run(talk)
    assert issuer.requests.count(JWKS) == 2


def test_without_any_keys_the_issuer_is_asked_once_a_pause(issuer: Issuer, guard: Guard, clock: Clock) -> None:
    issuer.answers[JWKS] = lambda: Answer(b"{}", 503)

    async def attempt() -> Token | None:
        try:
            return await guard.verify_async(issuer.token())
        except KeysUnavailableError:
            return None

    async def talk() -> None:
        assert await attempt() is None
        assert [await attempt() for _ in range(20)] == [None] * 20
        assert issuer.requests.count(JWKS) == 1
        del issuer.answers[JWKS]
        clock.now += 5
        assert await attempt() is not None

    run(talk)


def test_one_guard_serves_several_event_loops_and_threads(issuer: Issuer, guard: Guard) -> None:
    token = issuer.token()
    found: list[Token] = []

    def loop() -> None:
        found.append(asyncio.run(guard.verify_async(token)))

    threads = [threading.Thread(target=loop) for _ in range(4)]
    threads += [threading.Thread(target=lambda: found.append(guard.verify(token))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [each.sub for each in found] == ["ada"] * 8
    assert issuer.requests == [METADATA, JWKS]


def test_a_fault_of_the_fetch_itself_is_heard_by_who_waits(clock: Clock, issuer: Issuer) -> None:
    def broken(url: str) -> Any:
        raise ZeroDivisionError

    guard = Guard(issuer.url, "https://reports.example.com", clock=clock, timer=clock, fetch=broken)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(guard.verify_async(issuer.token()))
