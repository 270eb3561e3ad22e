"""A provider that does not say when somebody signed in there: what is not known is not claimed."""

import pytest

from tests.flows.browser import PASSWORD
from tests.flows.databases import on_both
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import Journey, leads_to, parameters_of
from tests.flows.registry import CLIENTS_YAML
from tests.management.api import DECLARED, Api
from tests.provider.running import go_through

FIXED = CLIENTS_YAML.replace("  - client_id: intranet\n", "  - client_id: intranet\n    provider: example\n")
DOES_NOT_SAY = "Example doesn’t say when you last signed in there"


@pytest.fixture
def journey(make_journey: MakeJourney) -> Journey:
    """A trusted provider without `auth_time`: who comes by it is ada, who has a password here."""
    journey = make_journey("trusted_domains: [example.com]")
    journey.upstream.claims |= {"auth_time": None, "email": "ada@example.com", "email_verified": True}
    return journey


@on_both
def test_a_sign_in_of_an_unknown_time_is_not_dated_and_satisfies_no_max_age(journey: Journey) -> None:
    tokens = journey.sign_in()
    assert "auth_time" not in tokens.id_claims | tokens.access_claims
    assert "auth_time" not in journey.site.introspect(tokens.access_token, "users")
    attempt, landing = journey.ask(max_age="5")
    assert landing.heading == "Confirm it’s you"
    assert journey.ask(max_age="5", prompt="none")[1].error == "login_required"
    assert journey.ask(prompt="none")[1].code
    # The password of the same page is one that is dated.
    claims = journey.portal.finish(attempt, journey.enter_password(landing)).id_claims
    assert claims["auth_time"] == journey.site.clock.now
    assert journey.ask(max_age="5", prompt="none")[1].code


@pytest.mark.parametrize("demand", [{"max_age": "86400"}, {"max_age": "0"}, {"prompt": "login"}])
def test_a_request_that_wants_to_know_leads_back_to_the_password(journey: Journey, demand: dict[str, str]) -> None:
    journey.sign_in()
    attempt, landing = journey.ask(**demand)
    url = journey.start(landing)
    assert parameters_of(url)["max_age"] == ("86400" if demand.get("max_age") == "86400" else "0")
    back = journey.browser.open(go_through(url, "ellen"))
    assert DOES_NOT_SAY in journey.problem(back)
    claims = journey.portal.finish(attempt, journey.enter_password(back)).id_claims
    assert claims["auth_time"] == journey.site.clock.now


@on_both
@pytest.mark.parametrize("demand", [{"max_age": "86400"}, {"max_age": "0"}, {"prompt": "login"}])
def test_a_client_that_takes_this_provider_alone_hears_that_its_demand_cannot_be_met(
    make_journey: MakeJourney, demand: dict[str, str]
) -> None:
    journey = make_journey(clients=FIXED)
    journey.upstream.claims["auth_time"] = None
    attempt, landing = journey.ask(**demand)
    answer = journey.browser.open(go_through(leads_to(landing), "ellen")).answer
    assert answer["error"] == "unmet_authentication_requirements"
    assert (answer["state"], answer["iss"]) == (attempt.parameters["state"], journey.site.issuer)
    # They are signed in all the same, for whoever does not ask when.
    attempt, landing = journey.ask(prompt="none")
    assert "auth_time" not in journey.portal.finish(attempt, landing).id_claims
    assert journey.ask(prompt="none", max_age="86400")[1].error == "login_required"


@on_both
def test_a_renewed_session_is_as_dated_as_its_last_sign_in(journey: Journey) -> None:
    attempt, landing = journey.ask()
    journey.portal.finish(attempt, journey.enter_password(landing))
    assert journey.ask(max_age="60", prompt="none")[1].code
    again = journey.browser.open("/sign-in?to=account&another=1")
    journey.through(again)
    assert journey.ask(max_age="60", prompt="none")[1].error == "login_required"
    attempt, landing = journey.ask(prompt="none")
    assert "auth_time" not in journey.portal.finish(attempt, landing).id_claims


def test_a_refresh_dates_it_no_more_than_the_first_token(journey: Journey) -> None:
    tokens = journey.sign_in(scope="openid offline_access")
    journey.site.clock.pass_(60)
    refreshed = journey.portal.refreshed(tokens)
    assert "auth_time" not in refreshed.id_claims | refreshed.access_claims


@pytest.mark.parametrize("place", ["email", "password", "linked", "export", "delete"])
def test_what_is_dangerous_takes_a_password_that_was_entered_here(journey: Journey, place: str) -> None:
    journey.sign_in()
    landing = journey.browser.open(f"/account/{place}")
    assert landing.heading == "Confirm it’s you"
    back = journey.through(landing)
    assert DOES_NOT_SAY in journey.problem(back)
    assert journey.enter_password(back).url.endswith(f"/account/{place}")


def test_neither_is_a_sign_in_added_meanwhile(journey: Journey) -> None:
    landing = journey.enter_password(journey.browser.open("/sign-in?to=linked"))
    form = journey.button(landing, "Add Example")
    page = journey.browser.submit(landing, "Add Example", form=form)
    journey.through(journey.browser.open("/sign-in?to=account&another=1"))
    assert journey.browser.open(go_through(leads_to(page), "erik")).status == 400


@on_both
def test_the_provider_ends_sessions_whose_time_it_never_told(journey: Journey) -> None:
    journey.sign_in()
    token = journey.upstream.logout_token(sub="ellen")
    answer = journey.site.call("POST", "/federation/example/backchannel-logout", data={"logout_token": token})
    assert answer.status_code == 200
    assert journey.ask(prompt="none")[1].error == "login_required"


def test_pages_and_the_api_bear_it(make_journey: MakeJourney) -> None:
    journey = make_journey(clients=DECLARED)
    journey.upstream.claims["auth_time"] = None
    sub = journey.sign_in().id_claims["sub"]
    for path, heading in (("/", "You’re signed in"), ("/account", "Your account")):
        assert journey.browser.open(path).heading == heading
    browser, console = journey.site.browser(), journey.site.client("console")
    attempt = console.ask()
    landing = browser.open(attempt.url)
    landing = browser.submit(landing, form=landing.page.forms[0], username="root", password=PASSWORD)
    api = Api(journey.site, console.finish(attempt, landing).access_token)
    (session,) = api.get(f"/users/{sub}/sessions")["items"]
    assert (session["auth_time"], session["created_at"]) == (None, journey.site.clock.now)
