"""Levels of authentication of people who come through a provider: its word counts as its entry says."""

import pytest

from tests.flows.factors.levels import LEVELS, UNMET, essential
from tests.flows.factors.phone import ASKED
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.test_linking import TRUSTED, as_ada
from tests.flows.federation.test_second_factor import give_app
from tests.flows.registry import CLIENTS_YAML

WITH_LEVELS = CLIENTS_YAML.replace("default_role: user\n", f"default_role: user{LEVELS}")


@pytest.mark.parametrize(
    ("rules", "acr"),
    [
        ("sign_up: true", "urn:example:2"),
        ('sign_up: true, acr: {"urn:example:2": silver}', "silver"),
        ('sign_up: true, acr: {"urn:example:3": silver}', "urn:example:2"),
        ("sign_up: true, amr: {otp: silver}", "silver"),
        ("sign_up: true, amr: {mfa: silver}", "urn:example:2"),
        ('sign_up: true, acr: {"urn:example:2": bronze}, amr: {pwd: silver}', "silver"),
    ],
)
def test_what_the_provider_says_is_worth_what_its_entry_says(make_journey: MakeJourney, rules: str, acr: str) -> None:
    journey = make_journey(rules, WITH_LEVELS)
    journey.upstream.claims.update(amr=["pwd", "otp"], acr="urn:example:2")
    claims = journey.sign_in().id_claims
    assert (claims["acr"], claims["amr"]) == (acr, ["pwd", "otp"])


def test_a_provider_cannot_say_the_name_of_a_level(make_journey: MakeJourney) -> None:
    journey = make_journey("sign_up: true", WITH_LEVELS)
    journey.upstream.claims.update(amr=["pwd", "hwk", "mfa"], acr="gold")
    assert "acr" not in journey.sign_in().id_claims
    attempt, landing = journey.ask(claims=essential("gold"), prompt="none")
    assert landing.error in {UNMET, "interaction_required"}
    assert attempt.state


def test_a_mapping_that_is_taken_back_counts_no_more(make_journey: MakeJourney) -> None:
    journey = make_journey("sign_up: true, amr: {otp: silver}", WITH_LEVELS)
    journey.upstream.claims.update(amr=["otp"], acr=None)
    assert journey.sign_in().id_claims["acr"] == "silver"
    journey.site.amend("amr: {otp: silver}", "amr: {}")
    attempt, landing = journey.ask()
    assert "acr" not in journey.portal.finish(attempt, landing).id_claims


def test_a_factor_of_this_server_is_added_to_what_the_provider_began(make_journey: MakeJourney) -> None:
    clients = WITH_LEVELS.replace("acr:\n", "acr:\n  vouched: {any: [[provider, otp]]}\n")
    journey = make_journey(f"{TRUSTED}, second_factor: trust", clients)
    as_ada(journey)
    phone = give_app(journey)
    journey.browser = journey.site.browser()
    attempt, landing = journey.ask(claims=essential("vouched"))
    landing = journey.through(landing)
    assert landing.heading == ASKED
    tokens = journey.portal.finish(attempt, journey.browser.submit(landing, code=phone.code()))
    assert tokens.id_claims["acr"] == "vouched"
