"""Tables of which each row is a block on a phone: what they are stands there, for browsers that go by what is shown."""

import re
from pathlib import Path

import pytest

from tests.accounts.admin.steps import PLACES, at
from tests.accounts.site import Browser, Site

TEMPLATES = Path(__file__).parents[3] / "authserver" / "templates"
ROLES = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader", "td": "cell"}
PARTS = re.compile(rf"<({'|'.join(ROLES)})\b([^>]*)>")
# Tables of letters only lay out.
WITH_TABLES = [
    path for path in TEMPLATES.rglob("*.html") if "<table" in path.read_text() and path.parent.name != "mail"
]


def unnamed(text: str) -> list[str]:
    """The parts of tables that do not say which role they have."""
    return [part[0] for part in PARTS.finditer(text) if f'role="{ROLES[part[1]]}"' not in part[2]]


@pytest.mark.parametrize("path", WITH_TABLES, ids=lambda path: path.name)
def test_each_part_of_a_table_says_what_it_is(path: Path) -> None:
    assert unnamed(path.read_text()) == []


def test_so_it_does_on_every_page_of_the_administration(site: Site, root: Browser) -> None:
    pages = [root.get(at(site, place)).text for place in PLACES]
    assert [found for page in pages for found in unnamed(page)] == []
    assert sum(page.count("<table") for page in pages) >= 6
