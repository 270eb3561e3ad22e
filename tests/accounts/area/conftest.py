"""A client that asks for consent, and Ada freshly signed in."""

import pytest

from tests.accounts.area.steps import PORTAL
from tests.accounts.conftest import MakeSite
from tests.accounts.site import Browser, Site


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A server with Ada in it, and a client that asks for consent."""
    site = make_site(PORTAL)
    site.add("ada", "ada@example.com", "Ada <i>Lovelace</i>")
    return site


@pytest.fixture
def browser(site: Site) -> Browser:
    """Ada's browser, freshly signed in."""
    browser = site.browser()
    browser.sign_in("ada")
    return browser
