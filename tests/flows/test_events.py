"""Audit events are as their reference page says."""

import json
import re
from pathlib import Path

from structlog.testing import capture_logs

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "events.md"
ROW = re.compile(
    r"^\| `(?P<name>[a-z_:]+)` \| .* \| (?P<fields>[a-z_`, ]*) \| (?P<level>info|warning) \| .* \|$", re.MULTILINE
)
# What the table of events adds, and what the head of the page tells of.
OF_EVERY_EVENT = {"sub", "client_id", "address", "request_id", "by", "through", "caller", "provider", "more"}


def test_events_have_the_fields_and_the_level_that_the_reference_names(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    with capture_logs() as lines:
        tokens = portal.sign_in(browser)
        portal.refresh(tokens.refresh_token)
        provider.clock.pass_(1000)
        portal.refresh(tokens.refresh_token)
        browser.submit(browser.open("/"), "Sign out")
        browser.sign_in(browser.open("/sign-in"), "ada", "wrong")
    rows = {row["name"]: row for row in ROW.finditer(PAGE.read_text())}
    found = provider.events()
    assert {"user:login:succeeded", "user:login:failed", "token:refresh_token:replayed"} <= {e["name"] for e in found}
    for event in found:
        documented = set(re.findall(r"[a-z_]+", rows[event["name"]]["fields"]))
        assert json.loads(event["detail"]).keys() - OF_EVERY_EVENT <= documented, event
    for line in lines:
        if line["event"] in rows:
            assert line["log_level"] == rows[line["event"]]["level"]
