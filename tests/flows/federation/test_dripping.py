"""A provider that sends an answer without end, a byte now and then, is given up as soon as one that is silent."""

import pytest

from tests.dripping import DRIPPING, dripping
from tests.flows.federation.conftest import MakeJourney


@pytest.mark.parametrize("part", DRIPPING)
def test_who_drips_is_given_up_as_soon_as_who_is_silent(
    make_journey: MakeJourney, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.delenv("https_proxy", raising=False)
    journey = make_journey(upstream_timeout=0.3)
    text = journey.site.clients_file.read_text()
    with dripping(part) as (issuer, waited_for_all):
        assert journey.site.declare(text.replace(journey.upstream.issuer, issuer))
        attempt, landing = journey.ask()
        back = journey.browser.submit(landing, form=journey.button(landing))
        assert not waited_for_all.is_set()
    assert "Example can’t be reached right now." in journey.problem(back)
    journey.portal.finish(attempt, journey.enter_password(back))
