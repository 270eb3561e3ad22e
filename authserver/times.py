"""Times as people read them: how long ago, and the day and hour where they are.

Zones are those of the IANA database, as a profile names them (OpenID Connect Core §5.1, zoneinfo).
https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
"""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta, get_timezone_name

from authserver.languages import translations
from authserver.protocol.words import marked

# A day and a time as CLDR writes patterns; each language has its own.
MOMENT = marked("MMMM d, y, HH:mm")
JUST_NOW = marked("just now")
MINUTE = 60


@lru_cache(maxsize=1024)
def zone(name: str | None) -> tzinfo | None:
    """The zone of a profile; None where it names none that there is."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # a zone of yesterday's database, a path
        return None


def exactly(seconds: int, language: str, where: tzinfo | None) -> str:
    """Day, hour and zone of a time in seconds since the epoch: `January 15, 2027, 09:00 UTC+1`; without a zone, UTC."""
    at = datetime.fromtimestamp(seconds, where or UTC)
    day = str(format_datetime(at, translations(language).gettext(MOMENT), locale=language))
    return f"{day} {_zone_name(at, language)}"


def ago(seconds: int, now: int, language: str) -> str:
    """How long ago a time was, or how long it is until then: `3 minutes ago`, `in 12 hours`."""
    if 0 <= now - seconds < MINUTE:
        return str(translations(language).gettext(JUST_NOW))
    away = timedelta(seconds=seconds - now)
    return str(format_timedelta(away, granularity="minute", add_direction=True, locale=language))


def _zone_name(at: datetime, language: str) -> str:
    name = str(get_timezone_name(at, "short", locale=language))
    if name[0] not in "+-":
        return name
    # Babel writes +0530 where a language has no name of its own for a zone.
    offset = at.utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "-" if offset < timedelta() else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "") if offset else "UTC"
