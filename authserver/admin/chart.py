"""Bars for the last days, as numbers that a template draws as SVG."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

HEIGHT, WIDTH, GAP = 60, 16, 4
DAYS, DAY = 14, 86400
ISSUED = "token:access_token:issued"


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: how many, and the rectangle that shows it."""

    day: date
    count: int
    x: int
    height: int

    @property
    def y(self) -> int:
        """Its upper edge, from above."""
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of some days, the oldest first. `is_cut`: there were more than are counted, on earlier days."""

    bars: tuple[Bar, ...]
    is_cut: bool

    @property
    def total(self) -> int:
        return sum(bar.count for bar in self.bars)

    @property
    def width(self) -> int:
        return len(self.bars) * (WIDTH + GAP)

    height = HEIGHT
    bar_width = WIDTH


def begin(now: int) -> int:
    """The second from which on there is something to draw."""
    return now - DAYS * DAY


def chart(times: tuple[Sequence[int], bool], now: int) -> Chart:
    """Bars for these seconds since the epoch, by days of UTC, and whether they are all there are."""
    found, is_cut = times
    counts = Counter(datetime.fromtimestamp(at, UTC).date() for at in found)
    today = datetime.fromtimestamp(now, UTC).date()
    shown = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    most = max((counts[day] for day in shown), default=0) or 1
    bars = (
        Bar(day, counts[day], place * (WIDTH + GAP), -(-counts[day] * HEIGHT // most))
        for place, day in enumerate(shown)
    )
    return Chart(tuple(bars), is_cut)
