"""A real Chromium. Where none is installed the tests of the pages are skipped, saying so."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.accounts.conftest import MakeSite, make_site  # noqa: F401 - a fixture
from tests.browser.portal import Place, opened

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


# Not for the session: Playwright's event loop stays the running one of this thread until the browser is closed.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One headless browser for all tests of the pages; each opens a context of its own."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        executable = next(filter(None, map(shutil.which, NAMES)), own)
        if not Path(executable).exists():
            pytest.skip("no Chromium is installed")
        # Chromium refuses its sandbox to root.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def place(make_site: MakeSite) -> Iterator[Place]:  # noqa: F811 - the fixture
    """A server and a client with one person; modules that need more of it make their own."""
    with opened(make_site) as place:
        yield place
