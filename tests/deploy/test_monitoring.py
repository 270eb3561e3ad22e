"""`deploy/prometheus`, `deploy/grafana` and the guide: what they ask for is what the server tells."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from authserver.monitoring.counts import Metric
from authserver.monitoring.names import ALL
from tests.deploy.programs import ROOT, judged

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
TRIED = Path(__file__).parent / "alerts.test.yml"
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "authserver.json").read_text())
GUIDE = (ROOT / "docs" / "operations.md").read_text()
DEBIAN = "apt-get install prometheus"
# Of the collector itself, and of every target.
NOT_OURS = {"instance", "job", "le"}
SERIES = re.compile(r"\b(authserver_[a-z_]+)(?:\{([^}]*)\})?")
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}


def exposed(metric: Metric) -> Iterator[str]:
    """The names under which a metric is seen."""
    yield from (metric.name + suffix for suffix in SUFFIXES.get(metric.kind, ("",)))


EXPOSED = {name: metric for metric in ALL for name in exposed(metric)}


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def panels() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel.get("targets", ()))


def documented() -> list[str]:
    """What stands in code in the guide and asks for our metrics."""
    blocks = re.findall(r"^ {4}(\S.*)$", GUIDE, flags=re.MULTILINE) + re.findall(r"`([^`\n]+)`", GUIDE)
    return [block for block in blocks if "authserver_" in block]


ASKED = {
    "alerts": [rule["expr"] for rule in alerts()],
    "dashboard": [expression for _title, expression in panels()],
    "variables": [each["query"] for each in DASHBOARD["templating"]["list"] if "authserver_" in each["query"]],
    "guide": documented(),
}


@pytest.mark.parametrize("where", ASKED)
def test_every_metric_and_label_that_is_asked_for_exists(where: str) -> None:
    assert ASKED[where]
    for expression in ASKED[where]:
        found = SERIES.findall(expression)
        # Whether it answers at all, Prometheus itself knows.
        assert found or "up{" in expression, expression
        labels: set[str] = set(NOT_OURS)
        for name, matchers in found:
            assert name in EXPOSED, expression
            labels.update(EXPOSED[name].labels)
            assert set(re.findall(r"(\w+)\s*[!=]", matchers)) <= {*EXPOSED[name].labels, *NOT_OURS}, expression
        for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
            assert set(re.split(r",\s*", grouped)) <= labels, expression


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {name for _title, expression in panels() for name, _labels in SERIES.findall(expression)}
    assert {metric.name for metric in ALL} == {EXPOSED[name].name for name in shown}


def test_every_alert_says_who_is_woken_and_what_to_do_and_the_guide_explains_it() -> None:
    for rule in alerts():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "description"} <= rule["annotations"].keys()
        labels = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        kept = {name for grouped in re.findall(r"\bby \(([^)]*)\)", rule["expr"]) for name in grouped.split(", ")}
        assert labels <= kept or not kept, rule["alert"]
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        (section,) = re.findall(rf"^### {rule['alert']}\n\n\*\*(\w+)\.\*\* ", GUIDE, flags=re.MULTILINE)
        assert section.lower() == rule["labels"]["severity"]
    described = re.findall(r"^### (Authserver\w+)$", GUIDE, flags=re.MULTILINE)
    assert sorted(described) == sorted(rule["alert"] for rule in alerts())


def test_the_panels_have_a_place_of_their_own() -> None:
    places = [tuple(panel["gridPos"].values()) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)


def test_prometheus_takes_the_rules_and_the_configuration() -> None:
    rules = judged("promtool", "check", "rules", RULES, how=DEBIAN)
    assert rules.returncode == 0, rules.stdout + rules.stderr
    whole = judged("promtool", "check", "config", RULES.with_name("prometheus.yml"), how=DEBIAN)
    assert whole.returncode == 0, whole.stdout + whole.stderr


def test_every_alert_is_tried_both_ways() -> None:
    asked = [each for test in yaml.safe_load(TRIED.read_text())["tests"] for each in test["promql_expr_test"]]
    for rule in alerts():
        of_rule = [each["exp_samples"] for each in asked if f'alertname="{rule["alert"]}"' in each["expr"]]
        assert [] in of_rule, rule["alert"]
        assert any(of_rule), rule["alert"]


# A server to which nothing bad has ever happened has no series of it.
HEALTHY = {
    'authserver_requests_total{endpoint="/token", client="portal", status="200"}': "0+60x120",
    'authserver_request_seconds_bucket{endpoint="/token", answer="2xx", le="0.25"}': "0+60x120",
    'authserver_request_seconds_count{endpoint="/token", answer="2xx"}': "0+60x120",
    'authserver_request_seconds_bucket{endpoint="/sign-in", answer="3xx", le="1.0"}': "0+60x120",
    'authserver_request_seconds_count{endpoint="/sign-in", answer="3xx"}': "0+60x120",
    'authserver_tokens_total{grant="refresh_token", client="portal"}': "0+60x120",
    'authserver_outbox_oldest_seconds{kind="mail"}': "0 1 0x118",
}


def test_every_objective_has_a_query_that_answers_where_nothing_has_failed(tmp_path: Path) -> None:
    section = GUIDE.partition("## Objectives and alerts")[2].partition("\n## ")[0]
    queries = [each for each in re.findall(r"^ {4}(\S.*)$", section, flags=re.MULTILINE) if "authserver_" in each]
    assert len(queries) == len(re.findall(r"^\*\*", section, flags=re.MULTILINE)) == 5
    wanted = [{"expr": query, "eval_time": "2h", "exp_samples": [{"labels": "{}", "value": 1}]} for query in queries]
    series = [{"series": name, "values": values} for name, values in HEALTHY.items()]
    tried = {"interval": "1m", "input_series": series, "promql_expr_test": wanted}
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"tests": [tried]}))
    done = judged("promtool", "test", "rules", tmp_path / "test.yml", how=DEBIAN)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_come_when_they_should_and_not_before() -> None:
    tried = judged("promtool", "test", "rules", TRIED, how=DEBIAN)
    assert tried.returncode == 0, tried.stdout + tried.stderr
