"""An issuer, keys of the right and the wrong people, and a guard whose clock the test moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from authserver.guard import Guard
from tests.guard.issuer import AUDIENCE, NOW, Issuer


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture(scope="session")
def other_rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture(scope="session")
def ec_key() -> ECKey:
    return ECKey.generate_key("P-256")


@pytest.fixture
def issuer(rsa_key: RSAKey) -> Iterator[Issuer]:
    issuer = Issuer(rsa_key)
    yield issuer
    issuer.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(issuer: Issuer, clock: Clock) -> Guard:
    return build_guard(issuer, clock)


def build_guard(issuer: Issuer, clock: Clock, **options: Any) -> Guard:
    return Guard(issuer.url, AUDIENCE, clock=clock, timer=clock, **options)
