"""One look: colors stand in static/tokens.css alone, every other place has one of these, and each can be read."""

import re
from itertools import product
from pathlib import Path

import pytest

from authserver.mail.look import ACCENT
from authserver.people_settings import GROUNDS
from authserver.protocol.colour import contrast

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "authserver" / "static"
TOKENS = STATIC / "tokens.css"
LITERAL = re.compile(r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb)\(", re.I)
NAMED = re.compile(r":[^;{}]*\b(?:white|black|red|green|blue|gray|grey|orange|yellow|purple|teal|navy|silver)\b", re.I)
# The marks of others have the colors of others.
MARKS = STATIC / "providers"
PAINTED = {".css", ".html", ".jinja", ".js", ".py", ".svg", ".txt"}
# Black and white are what ink is chosen from by contrast.
COMPUTED = ROOT / "authserver" / "protocol" / "colour.py"


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """The colors by their names: by day, and by night."""
    text = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(), flags=re.DOTALL)
    day, _, night = text.partition("@media")
    found = [dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", part)) for part in (day, night)]
    return found[0], found[0] | found[1]


def painted(*folders: str) -> list[Path]:
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    return [
        path
        for path in files
        if path.suffix in PAINTED and path.is_file() and "node_modules" not in path.parts and MARKS not in path.parents
    ]


def test_no_style_of_the_pages_names_a_color_of_its_own() -> None:
    for path in STATIC.glob("*.css"):
        if path != TOKENS:
            text = path.read_text()
            assert not LITERAL.findall(text), path
            assert not NAMED.findall(text), path


def test_wherever_a_color_must_be_written_it_is_one_of_the_tokens() -> None:
    known = {color for theme in tokens() for color in theme.values()}
    for path in painted("authserver", "examples"):
        if path in {TOKENS, COMPUTED}:
            continue
        found = {text.lower() for text in LITERAL.findall(path.read_text()) if not re.fullmatch(r"#\d{3,4}", text)}
        assert found <= known, (path, found - known)


def test_mails_settings_the_mark_and_the_demo_have_the_accent_of_the_pages() -> None:
    day, night = tokens()
    assert day["accent"] == ACCENT
    assert {"accent": day["well"], "accent_dark": night["well"]} == GROUNDS
    for path in (STATIC / "mark.svg", *(ROOT / "examples").rglob("*.svg")):
        if "node_modules" not in path.parts:
            assert day["accent"] in path.read_text(), path
    styles = [path for path in (ROOT / "examples").rglob("*.css") if "node_modules" not in path.parts]
    assert len(styles) == 4
    for path in styles:
        text = path.read_text()
        assert f"--accent: {day['accent']};" in text, path
        assert f"--accent: {night['accent']};" in text, path
        assert "outline: 3px solid var(--accent)" in text, path
    assert "--focus: var(--accent);" in TOKENS.read_text()


@pytest.mark.parametrize("theme", [0, 1], ids=["by day", "by night"])
def test_text_and_edges_can_be_told_from_every_surface(theme: int) -> None:
    color = tokens()[theme]
    for text, ground in product(("ink", "quiet", "accent", "accent-strong", "alarm"), ("paper", "card", "well")):
        assert contrast(color[text], color[ground]) >= 4.5, (text, ground)
    for text, ground in (("on-accent", "accent"), ("on-accent", "accent-strong"), ("alarm", "alarm-ground")):
        assert contrast(color[text], color[ground]) >= 4.5, (text, ground)
    for edge, ground in product(("edge", "accent"), ("paper", "card", "well")):
        assert contrast(color[edge], color[ground]) >= 3, (edge, ground)


def test_night_is_no_day_turned_over() -> None:
    day, night = tokens()
    assert {name for name in day if night[name] == day[name]} == set()
    # What is nearer is lighter there, as by day.
    heights = [contrast(night[surface], "#000000") for surface in ("paper", "card", "well")]
    assert heights == sorted(heights)


def test_every_icon_that_a_page_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', (STATIC / "icons.svg").read_text()))
    text = "".join(path.read_text() for path in (ROOT / "authserver" / "templates").rglob("*.html"))
    assert set(re.findall(r'\bicon\("([a-z]+)"\)', text)) <= drawn
    account = (ROOT / "authserver" / "templates" / "account" / "base.html").read_text()
    assert set(re.findall(r'\("([a-z]+)", _\(', account)) <= drawn
