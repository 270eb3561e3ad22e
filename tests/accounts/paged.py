"""Lists that come by page."""

import re
from html import unescape

from tests.accounts.site import Browser

BUTTON = r'class="button after" href="([^"]+)"'


def by_page(browser: Browser, path: str, item: str, following: str = BUTTON) -> list[str]:
    """What is found on a page and on those that follow it, 50 at most on each."""
    met: list[str] = []
    while path:
        page = browser.get(path).text
        found = re.findall(item, page)
        assert len(found) <= 50
        met += found
        more = re.search(following, page)
        path = unescape(more[1]) if more else ""
    return met
