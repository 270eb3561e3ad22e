"""What may stand in the standard claims about a person.

OpenID Connect Core §5.1: https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims ; RFC 5646 (languages).
"""

import re
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from authserver.protocol.words import marked

# The most characters of each, which is also what the store keeps.
PROFILE_LENGTHS = {
    "name": 200,
    "given_name": 100,
    "family_name": 100,
    "picture": 2000,
    "locale": 35,
    "zoneinfo": 64,
}
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def tidy(text: str | None, longest: int) -> str | None:
    """A name as it is kept: in one line, without what cannot be printed; None where nothing is left."""
    kept = "".join(character for character in text or "" if character.isprintable())
    return " ".join(kept.split())[:longest].strip() or None


def picture_fault(url: str) -> str | None:
    """Why this is no picture's URL, or None. https only: clients show it to others."""
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_plain = False
    if not is_plain or "@" in parts.netloc or not url.isascii() or any(sign in url for sign in " \\\"<>'`"):
        return marked("Enter it as https://host/path, in ASCII, without spaces or quotation marks.")
    return None


def locale_fault(tag: str) -> str | None:
    """Why this is no language tag, or None."""
    return None if _LANGUAGE_TAG.fullmatch(tag) else marked("Enter a language tag such as en, de, or pt-BR.")


def zoneinfo_fault(zone: str) -> str | None:
    """Why this is no time zone, or None."""
    return None if zone in _zones() else marked("Enter the name of a time zone, such as Europe/Berlin.")


@cache
def _zones() -> set[str]:
    # Read from six hundred files each time.
    return available_timezones()
