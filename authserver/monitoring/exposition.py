"""What a scrape gets: the workers' counts added up, in Prometheus's text format.

A worker that ended is remembered with what it had counted when it was asked last: a sum that shrinks would pass for a
counter that began anew, and be counted twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from threading import Lock

import orjson
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from authserver.monitoring.counts import BUCKETS, Metric, Series, Snapshot
from authserver.monitoring.listener import Page

GROWS = ("counter", "histogram")
_BOUNDS = [*map(str, BUCKETS), "+Inf"]


def encoded(snapshot: Snapshot) -> bytes:
    """A snapshot on its way from a worker to the parent."""
    return orjson.dumps([(name, list(series.items())) for name, series in snapshot.items()])


def decoded(raw: bytes) -> Snapshot:
    """It, having arrived."""
    return {name: {tuple(labels): row for labels, row in series} for name, series in orjson.loads(raw)}


class Sums:
    """The counts of all workers there have been, and the gauges of those there are."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)
        self._lock = Lock()
        self._last: dict[int, Snapshot] = {}
        self._ended: dict[str, Series] = {}

    def page(self, workers: Mapping[int, Snapshot | None], others: Iterable[Snapshot]) -> Page:
        """The answer to a scrape. `workers` by process id, None of one that is silent; `others` are no worker's."""
        with self._lock:
            total = self._of_workers(workers)
        for snapshot in others:
            self._add(total, snapshot)
        return Page(200, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(_Families(self._metrics, total)))

    def _of_workers(self, workers: Mapping[int, Snapshot | None]) -> dict[str, Series]:
        for pid in self._last.keys() - workers.keys():
            self._add(self._ended, self._last.pop(pid), only=GROWS)
        for pid, snapshot in workers.items():
            if snapshot is not None:
                self._last[pid] = snapshot
        total: dict[str, Series] = {}
        self._add(total, self._ended)
        for pid, snapshot in self._last.items():
            # One that is silent still counts, and its gauges are not known.
            self._add(total, snapshot, only=None if workers[pid] is not None else GROWS)
        return total

    def _add(self, total: dict[str, Series], snapshot: Snapshot, only: Iterable[str] | None = None) -> None:
        for metric in self._metrics:
            if only is not None and metric.kind not in only:
                continue
            series = total.setdefault(metric.name, {})
            for labels, row in snapshot.get(metric.name, {}).items():
                known = series.get(labels)
                if known is None:
                    series[labels] = row
                elif metric.kind == "highest":
                    series[labels] = [max(known[0], row[0])]
                else:
                    series[labels] = [a + b for a, b in zip(known, row, strict=True)]


class _Families(Collector):
    """Sums as the library writes them."""

    def __init__(self, metrics: Iterable[Metric], total: Mapping[str, Series]) -> None:
        self._metrics = metrics
        self._total = total

    def collect(self) -> Iterator[Family]:
        for metric in self._metrics:
            series = self._total.get(metric.name, {})
            if metric.kind == "histogram":
                yield _histogram(metric, series)
                continue
            family = (CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily)(
                metric.name, metric.about, labels=metric.labels
            )
            for labels, row in series.items():
                family.add_metric(labels, row[0])
            yield family


def _histogram(metric: Metric, series: Series) -> HistogramMetricFamily:
    family = HistogramMetricFamily(metric.name, metric.about, labels=metric.labels)
    for labels, (*counts, total) in series.items():
        family.add_metric(labels, list(zip(_BOUNDS, accumulate(counts), strict=True)), total)
    return family
