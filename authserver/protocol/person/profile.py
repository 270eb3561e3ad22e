"""What may stand in the standard claims about a person.

OpenID Connect Core §5.1: https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims ; RFC 5646 (languages).
"""

import re
import unicodedata
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from authserver.protocol.words import marked

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
# Control, line-separating, direction-changing and half characters could make a page or a log line lie.
_MISLEADING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Persian and Indic names, and emoji, are spelled with these.
_JOINERS = "\u200c\u200d"


def line_fault(text: str) -> str | None:
    """Why this is no line of text, or None."""
    is_misleading = any(unicodedata.category(each) in _MISLEADING and each not in _JOINERS for each in text)
    if is_misleading or not text.strip(_JOINERS + " "):
        return marked("Leave out characters that cannot be printed.")
    return None


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
    if (
        not is_plain
        or "@" in parts.netloc
        or not (url.isascii() and url.isprintable())
        or any(sign in url for sign in " \\\"<>'`")
    ):
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
