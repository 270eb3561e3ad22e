"""A server with a client for its own API."""

import pytest

from tests.flows.conftest import (
    MakeProvider,
    browser,
    database_url,
    make_provider,
    seeded_template,
)
from tests.flows.provider import Provider
from tests.management.api import DECLARED, Api, signed_in

__all__ = ["browser", "database_url", "make_provider", "seeded_template"]


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """The server, with the console registered."""
    made = make_provider()
    assert made.declare(DECLARED)
    return made


@pytest.fixture
def admin(provider: Provider) -> Api:
    """Somebody who may do everything."""
    return signed_in(provider, "root")


@pytest.fixture
def moderator(provider: Provider) -> Api:
    """Somebody who may see and change people, and no more."""
    return signed_in(provider, "mia")
