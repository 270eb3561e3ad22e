"""The admin's own name, logo, colours and templates, without a fork."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from authserver.protocol.colour import contrast
from tests.accounts.conftest import MakeSite
from tests.conftest import make_settings

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    path = tmp_path / "logo.svg"
    path.write_text(SVG)
    return path


def test_name_logo_and_colours_are_on_every_page_and_served_from_here(make_site: MakeSite, logo: Path) -> None:
    site = make_site(product_name="Example & Co", logo=logo, accent="#7a1f6f", accent_dark="#ffb0f0")
    browser = site.browser()
    page = browser.get("/sign-in").text
    assert "Example &amp; Co</title>" in page
    picture = page.partition('<img src="')[2].partition('"')[0]
    style = [part.partition('"')[0] for part in page.split('<link rel="stylesheet" href="')[1:]][2]
    served = browser.get(picture)
    assert (served.text, served.mimetype) == (SVG, "image/svg+xml")
    assert "script-src 'self'" in served.headers["Content-Security-Policy"]
    assert "immutable" in served.headers["Cache-Control"]
    colours = browser.get(style)
    assert colours.mimetype == "text/css"
    assert "--accent: #7a1f6f" in colours.text
    assert "--on-accent: #ffffff" in colours.text
    assert "--on-accent: #000000" in colours.text.partition("dark)")[2]
    assert "style=" not in page


def test_without_branding_there_is_nothing_to_fetch(make_site: MakeSite) -> None:
    browser = make_site().browser()
    assert "branding" not in browser.get("/sign-in").text
    assert browser.get("/branding/logo").status_code == 404


def test_a_template_of_the_admin_takes_the_place_of_ours(make_site: MakeSite, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    (folder / "accounts").mkdir(parents=True)
    (folder / "accounts" / "forgot.html").write_text('{% extends "base.html" %}{% block main %}Call us.{% endblock %}')
    browser = make_site(templates_dir=folder).browser()
    assert "Call us." in browser.get("/forgot").text
    assert "Sign in" in browser.get("/sign-in").text


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"accent": "red"}, "#0f6b57"),
        ({"accent": "#12345"}, "#0f6b57"),
        ({"accent": "#000000; } * { color: red"}, "#0f6b57"),
        ({"accent": "#ffee00"}, "contrast"),
        ({"accent_dark": "#101010"}, "contrast"),
        ({"logo": "/nowhere/logo.svg"}, "no such file"),
        ({"logo": "/etc/passwd"}, "ends in"),
        ({"templates_dir": "/nowhere"}, "no such folder"),
    ],
)
def test_what_cannot_be_shown_refuses_to_start(changed: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        make_settings(**changed)


def test_contrast_is_as_wcag_counts_it() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#ffffff", "#ffffff") == 1
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
