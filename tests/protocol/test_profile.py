"""What may stand in the claims about a person: URLs, dates, phone numbers, language tags, time zones."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.person.claims import FIELDS, value_fault
from authserver.protocol.person.profile import (
    birthdate_fault,
    locale_fault,
    phone_as_typed,
    phone_fault,
    picture_fault,
    url_fault,
    zoneinfo_fault,
)

TEXTS = {name: field for name, field in FIELDS.items() if field.type == "string"}


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
    assert all(0 < field.length <= 2000 for field in FIELDS.values() if field.type == "string")


@given(st.dates(min_value=date(1, 1, 1)))
def test_every_day_is_a_birthdate_with_its_year_without_it_and_as_a_year_alone(day: date) -> None:
    year, month, number = f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
    assert birthdate_fault(f"{year}-{month}-{number}") is None
    assert birthdate_fault(f"0000-{month}-{number}") is None
    assert birthdate_fault(year) is None


@given(st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True))
def test_a_birthdate_is_a_day_that_was(text: str) -> None:
    try:
        date.fromisoformat(f"2000{text[4:]}" if text.startswith("0000") else text)
    except ValueError:
        assert birthdate_fault(text) is not None
    else:
        assert birthdate_fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000",
        "90",
        "1990-1-1",
        "31.12.1990",
        "1990-12",
        "1990-12-31T00:00",
        "1990-02-29",
        "1990-12-31\n",
        "１９９０",
    ],
)
def test_what_is_no_birthdate(text: str) -> None:
    assert "1990-12-31" in str(birthdate_fault(text))


def test_a_leap_day_of_an_unknown_year_is_a_birthdate() -> None:
    assert birthdate_fault("0000-02-29") is None


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_phone_number_of_e_164_stays_as_it_is_and_is_found_in_what_people_type(number: str) -> None:
    assert phone_fault(number) is None
    assert phone_as_typed(number) == number
    assert phone_as_typed(f"{number[:3]} (0){number[3:5]}-{number[5:]} ") == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "+0123456789",
        "030123456",
        "+49 30 123456",
        "+123456",
        "+1234567890123456",
        "+49٣٠123456",
        "+4930123456\n",
    ],
)
def test_what_is_no_phone_number(text: str) -> None:
    assert "country code" in str(phone_fault(text))


@pytest.mark.parametrize("url", ["https://example.org", "http://example.org:8080/ada?x#y"])
def test_a_web_page(url: str) -> None:
    assert url_fault(url) is None


@pytest.mark.parametrize(
    "url", ["", "ada.example", "ftp://example.org", "javascript:alert(1)", "//example.org", "http://a@b"]
)
def test_what_is_no_web_page(url: str) -> None:
    assert "https://" in str(url_fault(url))


@pytest.mark.parametrize("name", TEXTS)
@given(text=st.text(max_size=60))
def test_whatever_is_typed_is_kept_as_what_may_stand_there_or_named_as_a_fault(name: str, text: str) -> None:
    kept = TEXTS[name].typed(text)
    assert kept is None or 0 < len(kept) <= TEXTS[name].typed_length
    if kept is not None and value_fault(TEXTS[name], kept) is None:
        assert len(kept) <= TEXTS[name].length
        assert TEXTS[name].typed(kept) == kept
        assert not any(unicodedata.category(each) in {"Cc", "Zl", "Zp", "Cs"} for each in kept.replace("\n", ""))
        assert "\n" not in kept or TEXTS[name].lines
