"""Lists of which the style takes the markers away: VoiceOver in Safari takes such a one for plain text unless told."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "authserver" / "templates"
LISTS = re.compile(r"<(?:ul|ol)\b[^>]*>")


def test_each_list_says_that_it_is_one() -> None:
    found = {
        str(path.relative_to(TEMPLATES)): LISTS.findall(path.read_text())
        for path in TEMPLATES.rglob("*.html")
        if path.parent.name != "mail"
    }
    assert sum(map(len, found.values())) > 30
    assert {name: each for name, lists in found.items() for each in lists if 'role="list"' not in each} == {}
