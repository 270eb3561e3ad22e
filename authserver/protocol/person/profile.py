"""What may stand in the standard claims about a person.

OpenID Connect Core §5.1: https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims ; RFC 5646 (languages),
ITU-T E.164 (phone numbers).
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Collection
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from authserver.protocol.words import marked

_BIRTHDATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})-([0-9]{2}))?")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN_DIGITS = re.compile(r"[ ().\-/]")
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


def lines_fault(text: str) -> str | None:
    """Why these are no lines of text, or None."""
    return next(filter(None, map(line_fault, text.split("\n"))), None)


def tidy(text: str | None, longest: int) -> str | None:
    """A name as it is kept: in one line, without what cannot be printed; None where nothing is left."""
    kept = "".join(character for character in text or "" if character.isprintable())
    return " ".join(kept.split())[:longest].strip() or None


def tidy_lines(text: str | None, longest: int) -> str | None:
    """A text as it is kept where it may have several lines: each tidy, none empty; None where nothing is left."""
    lines = (tidy(line, longest) for line in (text or "").splitlines())
    return "\n".join(filter(None, lines))[:longest].strip() or None


def picture_fault(url: str) -> str | None:
    """Why this is no picture's URL, or None. https only: clients show it to others."""
    if not _is_url(url, ("https",)):
        return marked("Enter it as https://host/path, in ASCII, without spaces or quotation marks.")
    return None


def url_fault(url: str) -> str | None:
    """Why this is no web page's URL, or None."""
    if not _is_url(url, ("https", "http")):
        return marked("Enter it as https://host/path or http://host/path, in ASCII, without spaces or quotation marks.")
    return None


def _is_url(url: str, schemes: Collection[str]) -> bool:
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    if not is_plain or "@" in parts.netloc or not (url.isascii() and url.isprintable()):
        return False
    return not any(sign in url for sign in " \\\"<>'`")


def birthdate_fault(text: str) -> str | None:
    """Why this is no birthdate, or None: a day, one of an unknown year (0000), or a year alone."""
    found = _BIRTHDATE.fullmatch(text)
    year, month, day = (int(part or 1) for part in found.groups()) if found else (0, 0, 0)
    # In a year of 366 days, where nobody knows which one it was.
    is_day = 1 <= month <= 12 and 1 <= day <= monthrange(year or 2000, month)[1]
    if not is_day or text == "0000":
        return marked("Enter a date such as 1990-12-31 or 0000-12-31, or a year.")
    return None


def phone_fault(text: str) -> str | None:
    """Why this is no phone number of ITU-T E.164, or None."""
    if _E164.fullmatch(text):
        return None
    return marked("Enter it with + and the country code, then digits only, at most 15 in all.")


def phone_as_typed(text: str) -> str:
    """A phone number without what people put between its digits; `(0)` is dialed only at home."""
    return _BETWEEN_DIGITS.sub("", text.replace("(0)", ""))


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
