"""Contexts of the browser, each a person's own, which wait as patiently as the tests do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, expect

from tests.patience import PATIENCE

MILLISECONDS = PATIENCE * 1000


@contextmanager
def new_context(chromium: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A context with these options; it is closed afterwards."""
    expect.set_options(timeout=MILLISECONDS)
    context = chromium.new_context(**options)
    context.set_default_timeout(MILLISECONDS)
    yield context
    context.close()
