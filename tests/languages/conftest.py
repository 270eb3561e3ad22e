"""The server of the tests of accounts."""

from tests.accounts.conftest import browser, make_site, site

__all__ = ["browser", "make_site", "site"]
