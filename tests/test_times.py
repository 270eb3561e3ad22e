"""Times as people read them."""

import pytest

from authserver import times

NOW = 1_800_000_000
MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("away", "english", "german"),
    [
        (0, "just now", "gerade eben"),
        (-59, "just now", "gerade eben"),
        (-MINUTE, "1 minute ago", "vor 1 Minute"),
        (-3 * MINUTE, "3 minutes ago", "vor 3 Minuten"),
        (-2 * HOUR, "2 hours ago", "vor 2 Stunden"),
        (-20 * DAY, "3 weeks ago", "vor 3 Wochen"),
        (-400 * DAY, "1 year ago", "vor 1 Jahr"),
        (1, "in 1 minute", "in 1 Minute"),
        (12 * HOUR, "in 12 hours", "in 12 Stunden"),
    ],
)
def test_how_long_ago_is_said_in_words(away: int, english: str, german: str) -> None:
    assert [times.ago(NOW + away, NOW, language) for language in ("en", "de")] == [english, german]


@pytest.mark.parametrize(
    ("zone", "english", "german"),
    [
        (None, "January 15, 2027, 08:00 UTC", "15. Januar 2027, 08:00 UTC"),
        ("Europe/Berlin", "January 15, 2027, 09:00 UTC+1", "15. Januar 2027, 09:00 MEZ"),
        ("America/New_York", "January 15, 2027, 03:00 EST", "15. Januar 2027, 03:00 UTC-5"),
        ("Asia/Kolkata", "January 15, 2027, 13:30 UTC+5:30", "15. Januar 2027, 13:30 UTC+5:30"),
        ("Pacific/Kiritimati", "January 15, 2027, 22:00 UTC+14", "15. Januar 2027, 22:00 UTC+14"),
        ("Europe/London", "January 15, 2027, 08:00 GMT", "15. Januar 2027, 08:00 UTC"),
    ],
)
def test_a_time_has_its_day_hour_and_zone(zone: str | None, english: str, german: str) -> None:
    where = times.zone(zone)
    assert [times.exactly(NOW, language, where) for language in ("en", "de")] == [english, german]


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "a\x00b", "x" * 5000])
def test_a_zone_that_there_is_not_is_none(name: str | None) -> None:
    assert times.zone(name) is None
