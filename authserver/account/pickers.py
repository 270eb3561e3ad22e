"""What the pickers of a profile offer: the languages and time zones that there are, in the language of the page.

Names are those of CLDR, zones those of the IANA database (OpenID Connect Core §5.1, locale and zoneinfo).
https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
"""

from collections.abc import Callable, Mapping
from functools import cache
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from authserver.pages.language import SPOKEN, gettext
from authserver.protocol.words import marked

HERE, OTHERS = marked("This service speaks"), marked("Other languages, for applications")
# The first part of a zone's name, as people call it.
REGIONS = {
    "Africa": marked("Africa"),
    "America": marked("America"),
    "Antarctica": marked("Antarctica"),
    "Arctic": marked("Arctic"),
    "Asia": marked("Asia"),
    "Atlantic": marked("Atlantic"),
    "Australia": marked("Australia"),
    "Europe": marked("Europe"),
    "Indian": marked("Indian Ocean"),
    "Pacific": marked("Pacific"),
}
UTC = "UTC"

# Under a heading, the values and how they read; under an empty one they stand for themselves.
Choices = list[tuple[str, list[tuple[str, str]]]]


def choices(name: str, value: str | None, language: str) -> Choices | None:
    """What the picker of this claim offers, the value that it has in any case; None for a claim without a picker."""
    pick = PICKERS.get(name)
    if pick is None:
        return None
    offered = [(gettext(heading), list(pairs)) for heading, pairs in pick(language)]
    if value and all(value != each for _, pairs in offered for each, _ in pairs):
        offered.insert(0, ("", [(value, _language_name(value, language) if name == "locale" else value)]))
    return offered


@cache
def _languages(language: str) -> Choices:
    names: Mapping[str, str] = Locale.parse(language).languages
    # Of two letters: those of ISO 639-1, which are spoken today.
    others = sorted(
        ((tag, _capital(name)) for tag, name in names.items() if len(tag) == 2 and tag not in SPOKEN),
        key=lambda pair: pair[1],
    )
    return [(HERE, [(tag, _capital(names[tag])) for tag in SPOKEN]), (OTHERS, others)]


@cache
def _zones(language: str) -> Choices:
    places = Locale.parse(language).time_zones
    regions: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for zone in available_timezones():
        region, _, place = zone.partition("/")
        if region in regions:
            city = places.get(zone, {}).get("city") or place.replace("_", " ").replace("/", ", ")
            regions[region].append((zone, city))
    listed = [(REGIONS[region], sorted(pairs, key=lambda pair: pair[1])) for region, pairs in regions.items()]
    return [("", [(UTC, UTC)]), *listed]


def _language_name(tag: str, language: str) -> str:
    try:
        name = Locale.parse(tag, sep="-").get_display_name(language)
    except (ValueError, UnknownLocaleError):
        name = None
    return _capital(name) if name else tag


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


PICKERS: Mapping[str, Callable[[str], Choices]] = {"locale": _languages, "zoneinfo": _zones}
