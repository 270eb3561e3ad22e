"""When the guard asks the issuer for its keys, and what it makes of the answer."""

import json
import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from authserver.guard import Guard, InvalidTokenError, KeysUnavailableError
from authserver.guard.issuer.jwks import usable_keys
from tests.guard.conftest import Clock, build_guard
from tests.guard.issuer import Answer, Issuer, jwk
from tests.patience import PATIENCE

METADATA, JWKS = "/.well-known/openid-configuration", "/jwks.json"


def unsigned(issuer: Issuer, number: int) -> str:
    """A token that looks right up to its signature, each under another kid."""
    head, _, tail = issuer.token(header={"kid": f"unknown-{number}"}).rpartition(".")
    return f"{head}.{tail[::-1].lstrip('-_')}"


def test_the_keys_are_found_through_the_metadata_and_fetched_once(issuer: Issuer, guard: Guard) -> None:
    for _ in range(100):
        guard.verify(issuer.token())
    assert issuer.requests == [METADATA, JWKS]


def test_a_given_jwks_uri_is_taken_as_it_is(issuer: Issuer, clock: Clock) -> None:
    build_guard(issuer, clock, jwks_uri=issuer.url + JWKS).verify(issuer.token())
    assert issuer.requests == [JWKS]


def test_the_issuer_is_told_which_api_fetches(issuer: Issuer, guard: Guard) -> None:
    guard.verify(issuer.token())
    assert set(issuer.user_agents) == {f"authserver-guard ({guard.audience})"}


def test_the_issuer_of_the_metadata_must_be_the_issuer_to_the_letter(issuer: Issuer, guard: Guard) -> None:
    other = {"issuer": issuer.url + "/", "jwks_uri": issuer.url + JWKS}
    issuer.answers[METADATA] = lambda: Answer(json.dumps(other).encode())
    with pytest.raises(KeysUnavailableError):
        guard.verify(issuer.token())
    assert JWKS not in issuer.requests


def test_a_new_key_is_fetched_at_its_first_token(issuer: Issuer, guard: Guard, other_rsa_key: RSAKey) -> None:
    guard.verify(issuer.token())
    old = issuer.token()
    issuer.keys.insert(0, other_rsa_key)
    assert guard.verify(issuer.token()).sub == "ada"
    assert guard.verify(old).sub == "ada"
    assert issuer.requests.count(JWKS) == 2


def test_ten_thousand_bad_tokens_cost_at_most_one_fetch(issuer: Issuer, guard: Guard) -> None:
    guard.verify(issuer.token())
    before = issuer.requests.count(JWKS)
    bad = [unsigned(issuer, number) for number in range(20)]
    for number in range(10_000):
        with pytest.raises(InvalidTokenError):
            guard.verify(bad[number % 20])
    assert issuer.requests.count(JWKS) == before + 1


def test_rubbish_makes_the_guard_fetch_nothing_at_all(issuer: Issuer, guard: Guard) -> None:
    changes: list[dict[str, Any]] = [
        {"header": {"typ": "JWT"}},
        {"exp": 1},
        {"aud": "https://else"},
        {"iss": "https://else"},
    ]
    for token in ["rubbish", "a.b.c", *(issuer.token(**change) for change in changes)]:
        with pytest.raises(InvalidTokenError):
            guard.verify(token)
    assert issuer.requests == []


def test_a_key_that_one_server_of_the_issuer_did_not_know_yet_is_found_a_second_later(
    issuer: Issuer, guard: Guard, clock: Clock, other_rsa_key: RSAKey
) -> None:
    guard.verify(issuer.token())
    with pytest.raises(InvalidTokenError):
        guard.verify(issuer.token(other_rsa_key))
    issuer.keys.append(other_rsa_key)
    clock.now += 1
    assert guard.verify(issuer.token(other_rsa_key)).sub == "ada"


def test_whoever_sends_unknown_keys_makes_the_guard_ask_ever_less_often(
    issuer: Issuer, guard: Guard, clock: Clock
) -> None:
    guard.verify(issuer.token())
    before = issuer.requests.count(JWKS)
    for number in range(300):
        with pytest.raises(InvalidTokenError):
            guard.verify(unsigned(issuer, number))
        clock.now += 1
    # After 0, 1, 3, 7, 15 and 31 seconds, then every 30.
    assert issuer.requests.count(JWKS) - before == 6 + (300 - 31 - 1) // 30


def test_a_stranger_cannot_keep_a_new_key_out_for_longer_than_the_longest_pause(
    issuer: Issuer, guard: Guard, clock: Clock, other_rsa_key: RSAKey
) -> None:
    guard.verify(issuer.token())
    for number in range(100):
        with pytest.raises(InvalidTokenError):
            guard.verify(unsigned(issuer, number))
        clock.now += 1
    issuer.keys.append(other_rsa_key)
    clock.now += 30
    assert guard.verify(issuer.token(other_rsa_key)).sub == "ada"


@pytest.mark.parametrize(("max_age", "kept"), [(600, 600), (0, 60), (10**9, 86400)])
def test_the_keys_are_kept_as_long_as_the_issuer_says_within_bounds(
    issuer: Issuer, clock: Clock, max_age: int, kept: int
) -> None:
    issuer.max_age = max_age
    guard = build_guard(issuer, clock, jwks_uri=issuer.url + JWKS)
    token = issuer.token(exp=clock.now + 10**6)
    guard.verify(token)
    clock.now += kept - 1
    guard.verify(token)
    assert len(issuer.requests) == 1
    clock.now += 1
    guard.verify(token)
    assert len(issuer.requests) == 2


def test_a_key_that_is_gone_from_the_jwks_verifies_nothing_more(
    issuer: Issuer, guard: Guard, clock: Clock, other_rsa_key: RSAKey
) -> None:
    token = issuer.token()
    guard.verify(token)
    issuer.keys = [other_rsa_key]
    clock.now += 601
    with pytest.raises(InvalidTokenError):
        guard.verify(token)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: Answer(good, 500),
        lambda good: Answer(b"not json" + good),
        lambda good: Answer(b"[" + good + b"]"),
        lambda _good: Answer(b"[" * 100_000),
        lambda _good: Answer(b'{"keys": []}'),
        lambda _good: Answer(b'{"keys": {"kty": "RSA"}}'),
        lambda good: Answer(good + b" " * 300_000),
        lambda _good: Answer(b"", 302, {"Location": "/moved.json"}),
        lambda good: Answer(good[:-1], headers={"Content-Length": str(len(good))}),
    ],
    ids=["500", "text", "list", "nested", "empty", "mapping", "large", "redirect", "cut off"],
)
def test_when_the_issuer_fails_the_keys_at_hand_go_on(
    issuer: Issuer, guard: Guard, clock: Clock, spoil: Callable[[bytes], Answer]
) -> None:
    token = issuer.token(exp=clock.now + 10**6)
    guard.verify(token)
    good = json.dumps({"keys": [jwk(issuer.keys[0])]}).encode()
    issuer.answers[JWKS] = lambda: spoil(good)
    issuer.answers["/moved.json"] = lambda: Answer(good)
    clock.now += 601
    before = len(issuer.requests)
    for _ in range(50):
        assert guard.verify(token).sub == "ada"
    # One attempt, then a pause: a failing issuer is not hammered, and requests do not wait for it.
    assert issuer.requests[before:].count(JWKS) == 1
    assert "/moved.json" not in issuer.requests
    clock.now += 86400
    with pytest.raises(KeysUnavailableError):
        guard.verify(token)


def test_without_any_keys_the_answer_is_that_nothing_can_be_decided(issuer: Issuer, guard: Guard, clock: Clock) -> None:
    issuer.answers[JWKS] = lambda: Answer(b"{}", 503)
    for _ in range(20):
        with pytest.raises(KeysUnavailableError):
            guard.verify(issuer.token())
    assert issuer.requests.count(JWKS) == 1
    del issuer.answers[JWKS]
    clock.now += 5
    assert guard.verify(issuer.token()).sub == "ada"


def test_an_issuer_that_is_not_there_at_all_is_no_crash(rsa_key: RSAKey, clock: Clock) -> None:
    issuer = Issuer(rsa_key)
    issuer.close()
    with pytest.raises(KeysUnavailableError):
        build_guard(issuer, clock).verify(issuer.token())


def in_threads(count: int, work: Callable[[], object]) -> list[object]:
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_sixteen_first_requests_at_once_fetch_once(issuer: Issuer, guard: Guard) -> None:
    token = issuer.token()
    assert {getattr(result, "sub", result) for result in in_threads(16, lambda: guard.verify(token))} == {"ada"}
    assert issuer.requests == [METADATA, JWKS]


def test_while_one_thread_waits_for_the_issuer_the_others_go_on(issuer: Issuer, guard: Guard, clock: Clock) -> None:
    token = issuer.token(exp=clock.now + 10**6)
    guard.verify(token)
    arrived, go = threading.Event(), threading.Event()

    def slow() -> Answer:
        arrived.set()
        assert go.wait(PATIENCE)
        return Answer(b"{}", 500)

    issuer.answers[JWKS] = slow
    clock.now += 601
    waiting = threading.Thread(target=guard.verify, args=[token])
    waiting.start()
    assert arrived.wait(PATIENCE)
    assert guard.verify(token).sub == "ada"
    assert waiting.is_alive()
    go.set()
    waiting.join()


def test_of_a_jwks_only_strong_public_signing_keys_are_used(rsa_key: RSAKey, ec_key: ECKey) -> None:
    good = jwk(rsa_key)
    unfit: list[Any] = [
        None,
        "key",
        {**good, "kid": None},
        {**good, "kid": 7},
        {**good, "use": "enc"},
        {**good, "key_ops": ["sign"]},
        {**good, "key_ops": "verify"},
        {**good, "alg": "HS256"},
        {**good, "alg": ["RS256"]},
        {**good, "alg": {}},
        {**good, "n": good["n"][:200]},
        {**good, "n": "!"},
        {**good, "kty": "DSA"},
        {**good, "kty": ["RSA"]},
        {**jwk(ec_key), "crv": "P-384"},
        {**jwk(ec_key), "x": jwk(ec_key)["y"]},
        {**OctKey.generate_key(256).as_dict(private=True), "kid": "oct", "alg": "HS256"},
    ]
    assert set(usable_keys({"keys": unfit}, ["RS256", "ES256"])) == set()
    found = usable_keys({"keys": [*unfit, good, jwk(ec_key)]}, ["RS256", "ES256"])
    assert set(found) == {(good["kid"], "RS256"), (jwk(ec_key)["kid"], "ES256")}


def test_a_private_member_in_a_jwks_is_never_imported(rsa_key: RSAKey) -> None:
    leaked = {**rsa_key.as_dict(private=True), "kid": "k"}
    with patch("authserver.guard.issuer.jwks.signatures") as made:
        usable_keys({"keys": [leaked]}, ["RS256"])
    (_, key), _ = made.call_args
    assert not key.is_private
