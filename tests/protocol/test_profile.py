"""What may stand in the claims about a person: pictures over https, language tags, time zones."""

import pytest

from authserver.protocol.person.claims import PROFILE
from authserver.protocol.person.profile import locale_fault, picture_fault, zoneinfo_fault


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a.png",
        "https://example.org:8443/a?b=c#d",
        "https://xn--fa-hia.example/",
        "HTTPS://example.org",
    ],
)
def test_an_https_url_is_a_picture(url: str) -> None:
    assert picture_fault(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.png",
        "http://example.org/a.png",
        "javascript:alert(1)//https://example.org",
        "data:image/png;base64,AAAA",
        "//example.org/a.png",
        "https:///a.png",
        "https://",
        "https://ada:secret@example.org/a.png",
        "https://example.org:0/a.png",
        "https://example.org:99999/a.png",
        "https://example.org:x/a.png",
        "https://[::1/a.png",
        "https://example.org/a b.png",
        'https://example.org/"onload="x',
        "https://example.org/'a",
        "https://example.org/<script>",
        "https://example.org/`a`",
        "https://example.org\\@evil.example/",
        "https://exämple.org/a.png",
    ],
)
def test_what_others_should_not_load_is_no_picture(url: str) -> None:
    assert "https://" in str(picture_fault(url))


@pytest.mark.parametrize("tag", ["en", "de", "pt-BR", "zh-Hant-TW", "de-1996", "en-x-twain"])
def test_a_language_tag(tag: str) -> None:
    assert locale_fault(tag) is None


@pytest.mark.parametrize("tag", ["", "e", "de_DE", "de-", "-de", "de--DE", "deutschland", "de-abcdefghi", "dé", "de\n"])
def test_what_is_no_language_tag(tag: str) -> None:
    assert "language tag" in str(locale_fault(tag))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Argentina/Ushuaia"])
def test_a_time_zone(zone: str) -> None:
    assert zoneinfo_fault(zone) is None


@pytest.mark.parametrize(
    "zone", ["", "europe/berlin", "Berlin", "+01:00", "Europe/Berlin\n", "../../etc/passwd", "posixrules\0"]
)
def test_what_is_no_time_zone(zone: str) -> None:
    assert "time zone" in str(zoneinfo_fault(zone))


def test_every_claim_that_is_kept_has_a_bound() -> None:
    assert all(0 < claim.length <= 2000 for claim in PROFILE.values())
