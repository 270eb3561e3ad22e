"""The reference page of the metrics, from their table."""

from authserver.monitoring.counts import BUCKETS, Metric
from authserver.monitoring.names import ALL

_BOUNDS = ", ".join(f"{bound:g}" for bound in BUCKETS)
HEAD = f"""# Metrics

Made from `authserver/monitoring/names.py` by `make docs`.

`/metrics` on [the port for monitoring](../operations.md#probes-and-metrics) answers in Prometheus's text format, with
the workers of a node added up. A counter's name ends in `_total`; a histogram has `_bucket`, `_sum`, and `_count`, with
buckets up to {_BOUNDS} seconds. A worker that is killed takes with it what it had
counted since the last scrape.

No request can add a label: `endpoint` is a path as it is registered (otherwise `other`), and `client` is one of the
first 1,000 clients and APIs of `clients.yaml` (`other` for those after them, `unknown` for what is not in it, empty
where none was named). A refused request counts for the client that it names, which nothing vouches for.

| metric | kind | labels | meaning |
|---|---|---|---|
"""


def metrics_reference() -> str:
    """The page about the metrics."""
    return HEAD + "".join(map(_row, ALL))


def _row(metric: Metric) -> str:
    kind = metric.kind if metric.kind in {"counter", "histogram"} else "gauge"
    name = metric.name + ("_total" if kind == "counter" else "")
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{name}` | {kind} | {labels} | {metric.about} |\n"
