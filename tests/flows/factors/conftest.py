"""A person with an authenticator app, or with a passkey."""

import pytest

from tests.flows.factors.authenticator import Authenticator
from tests.flows.factors.phone import Phone, with_phone
from tests.flows.factors.script import add
from tests.flows.provider import Provider


@pytest.fixture
def phone(provider: Provider) -> Phone:
    """Ada's."""
    return with_phone(provider)


@pytest.fixture
def key(provider: Provider) -> Authenticator:
    """Ada's; the browser that made it is gone."""
    return add(provider, provider.browser("192.0.2.9"))
