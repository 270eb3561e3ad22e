"""A person with an authenticator app."""

import pytest

from tests.flows.factors.phone import Phone, with_phone
from tests.flows.provider import Provider


@pytest.fixture
def phone(provider: Provider) -> Phone:
    """Ada's."""
    return with_phone(provider)
