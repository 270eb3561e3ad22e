"""Counters and histograms of one process, and what every metric is: name, meaning, labels.

They are cheap: one dictionary each, under a lock that nobody holds for longer than an addition. The parent adds up what
the workers have counted, so a scrape sees the whole node, whichever worker answered.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

# Seconds. What is fast is told apart finely; what is slow is slow.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# The last resort: every label has few values by itself, so that nobody can make them grow.
MOST_SERIES = 20_000
OTHER = "other"
Kind = Literal["counter", "histogram", "sum", "highest"]
Series = dict[tuple[str, ...], list[float]]
Snapshot = Mapping[str, Series]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric. Of gauges, the workers' values are added up (`sum`), or the `highest` is taken."""

    name: str
    kind: Kind
    about: str
    labels: tuple[str, ...] = ()


@dataclass(slots=True)
class Counter:
    """Counts up; by label values."""

    metric: Metric
    _series: Series = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, *values: str) -> None:
        """One more."""
        with self._lock:
            row = self._series.get(values) or _new(self._series, values, 1)
            row[0] += 1

    def taken(self) -> Series:
        """A copy of what was counted so far."""
        with self._lock:
            return {values: row[:] for values, row in self._series.items()}


@dataclass(slots=True)
class Histogram:
    """Seconds in `BUCKETS`, and their sum as the last number; by label values."""

    metric: Metric
    _series: Series = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def observe(self, seconds: float, *values: str) -> None:
        """One that took so long."""
        with self._lock:
            row = self._series.get(values) or _new(self._series, values, len(BUCKETS) + 2)
            row[bisect_left(BUCKETS, seconds)] += 1
            row[-1] += seconds

    def taken(self) -> Series:
        """A copy of what was counted so far."""
        with self._lock:
            return {values: row[:] for values, row in self._series.items()}


def _new(series: Series, values: tuple[str, ...], size: int) -> list[float]:
    if len(series) >= MOST_SERIES:
        values = (OTHER,) * len(values)
    return series.setdefault(values, [0.0] * size)
