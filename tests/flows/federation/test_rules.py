"""The rules of a provider, and what a request asks of it."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.flows.browser import PASSWORD
from tests.flows.databases import on_both
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import BUTTON, Journey, leads_to, parameters_of
from tests.flows.registering import party, registered
from tests.flows.registry import CLIENTS_YAML
from tests.provider.running import go_through

NOT_ALLOWED = "You can’t use this Example account here."
FIXED = CLIENTS_YAML.replace("  - client_id: intranet\n", "  - client_id: intranet\n    provider: example\n")


def test_only_verified_addresses_of_the_allowed_domains_come_in(make_journey: MakeJourney) -> None:
    journey = make_journey("sign_up: true, allowed_domains: [example.org]")
    journey.sign_in()
    journey.upstream.people["ellen"].claims["email"] = "ellen@sub.example.org"
    for claims in ({}, {"email": "ellen@example.org", "email_verified": "true"}, {"email": None}):
        journey.browser = journey.site.browser()
        journey.upstream.claims = dict(claims)
        _, landing = journey.ask()
        assert NOT_ALLOWED in journey.problem(journey.through(landing))


@on_both
def test_roles_follow_from_a_claim_at_each_sign_in_and_go_with_it(make_journey: MakeJourney) -> None:
    journey = make_journey("sign_up: true, roles: {groups: {engineering: moderator, boss: admin}}")
    sub = journey.sign_in().id_claims["sub"]
    assert journey.user(sub).every_role == ("moderator", "user")
    (event,) = journey.site.events("user:roles:mapped")
    assert (event["sub"], event["roles"], event["provider"]) == (sub, ["moderator"], "example")
    journey.upstream.people["ellen"].claims["groups"] = ["everybody"]
    journey.browser = journey.site.browser()
    journey.sign_in()
    assert journey.user(sub).every_role == ("user",)


@on_both
def test_what_an_administrator_gave_stays_when_the_claim_goes(make_journey: MakeJourney) -> None:
    journey = make_journey("sign_up: true, roles: {groups: {engineering: moderator}}")
    sub = journey.sign_in().id_claims["sub"]
    journey.site.people = {**journey.site.people, "ellen": sub}
    journey.site.give_roles("ellen", "moderator", "guest")
    journey.browser = journey.site.browser()
    journey.sign_in()
    journey.upstream.people["ellen"].claims["groups"] = []
    journey.browser = journey.site.browser()
    journey.sign_in()
    assert journey.user(sub).every_role == journey.user(sub).roles == ("guest", "moderator")


@pytest.mark.parametrize("claim", ["engineering", ["engineering"], [*["x"] * 600, "engineering"], {"boss": 1}, 5])
def test_a_claim_of_groups_is_a_text_or_a_list_of_bearable_length(make_journey: MakeJourney, claim: object) -> None:
    journey = make_journey("sign_up: true, roles: {groups: {engineering: moderator}}")
    journey.upstream.people["ellen"].claims["groups"] = claim
    roles = journey.user(journey.sign_in().id_claims["sub"]).every_role
    assert ("moderator" in roles) == (claim in ("engineering", ["engineering"]))


@on_both
def test_name_and_picture_are_taken_over_again_only_where_it_is_said(make_journey: MakeJourney) -> None:
    for rules, expected in (("sign_up: true", "Ellen Example"), ("sign_up: true, refresh: [name]", "Ellen Renamed")):
        journey = make_journey(rules)
        sub = journey.sign_in().id_claims["sub"]
        journey.upstream.people["ellen"].claims |= {"name": "Ellen Renamed", "picture": "https://img.example.org/e"}
        journey.browser = journey.site.browser()
        journey.sign_in()
        assert (journey.user(sub).name, journey.user(sub).profile["picture"]) == (expected, None)
        journey.upstream.people["ellen"].claims["name"] = "Ellen Example"


def test_consent_is_not_asked_where_the_provider_s_people_are_spared_it(make_journey: MakeJourney) -> None:
    for rules, heading in (("sign_up: true", "Allow Team portal?"), ("sign_up: true, skip_consent: true", "")):
        journey = make_journey(rules)
        portal = journey.site.client("portal")
        landing = journey.through(journey.browser.open(portal.ask(scope="openid").url))
        assert landing.heading == heading
        assert landing.is_outside == (heading == "")


def test_a_client_that_always_asks_still_asks(make_journey: MakeJourney) -> None:
    journey = make_journey("sign_up: true, skip_consent: true")
    landing = journey.through(journey.browser.open(journey.site.client("bank").ask().url))
    assert landing.heading == "Allow Bank?"


def test_a_client_that_registered_itself_still_asks(make_journey: MakeJourney) -> None:
    journey = make_journey("sign_up: true, skip_consent: true", registration="token")
    stranger = party(journey.site, registered(journey.site, client_name="Stranger"))
    journey.sign_in()
    silent = journey.browser.open(stranger.ask(prompt="none").url)
    assert silent.answer["error"] == "consent_required"
    assert journey.browser.open(stranger.ask().url).heading == "Allow Stranger?"


def test_the_rule_s_prompt_is_sent_and_no_other(make_journey: MakeJourney) -> None:
    journey = make_journey("sign_up: true, prompt: select_account")
    asked = parameters_of(journey.start(journey.ask()[1]))
    assert asked["prompt"] == "select_account"
    assert "max_age" not in asked
    assert asked["scope"] == "openid email profile"


def test_prompt_and_max_age_go_upstream_and_the_truth_comes_back(journey: Journey) -> None:
    journey.sign_in()
    journey.site.clock.pass_(1000)
    attempt, landing = journey.ask(prompt="login", max_age="300")
    url = journey.start(landing)
    asked = parameters_of(url)
    assert (asked["prompt"], asked["max_age"], asked["login_hint"]) == ("login", "0", "ellen@example.org")
    claims = journey.portal.finish(attempt, journey.browser.open(go_through(url, "ellen"))).id_claims
    assert claims["auth_time"] == journey.site.clock.now
    assert (claims["amr"], claims["acr"]) == (["pwd", "otp"], "urn:example:2")


def test_an_old_sign_in_there_is_an_old_one_here(journey: Journey) -> None:
    journey.sign_in()
    began = journey.site.clock.now
    journey.site.clock.pass_(5000)
    journey.browser = journey.site.browser()
    assert journey.sign_in().id_claims["auth_time"] == began


@pytest.mark.parametrize("demand", [{"prompt": "login"}, {"max_age": "300"}, {"max_age": "0"}])
def test_a_provider_that_asks_nobody_again_satisfies_no_such_request(journey: Journey, demand: dict[str, str]) -> None:
    journey.upstream.keeps_old_sign_in = True
    journey.sign_in()
    journey.site.clock.pass_(1000)
    _, landing = journey.ask(**demand)
    assert "Example didn’t ask you to" in journey.problem(journey.through(landing))


@pytest.mark.parametrize("demand", [{"prompt": "login"}, {"max_age": "300"}])
def test_a_provider_that_does_not_say_when_satisfies_no_such_request(journey: Journey, demand: dict[str, str]) -> None:
    journey.upstream.claims["auth_time"] = None
    journey.sign_in()
    _, landing = journey.ask(**demand)
    if "max_age" in demand:
        journey.site.clock.pass_(1000)
        _, landing = journey.ask(**demand)
    assert "Example doesn’t say when you last signed in there" in journey.problem(journey.through(landing))


def test_how_somebody_signed_in_is_left_out_where_the_provider_does_not_say(journey: Journey) -> None:
    journey.upstream.claims.update(amr=None, acr=None)
    claims = journey.sign_in().id_claims
    assert "amr" not in claims
    assert "acr" not in claims


@pytest.mark.parametrize(
    "hint", [{"login_hint": "new@example.org"}, {"domain_hint": "example.org"}, {"domain_hint": "example"}]
)
def test_a_hint_chooses_the_provider(make_journey: MakeJourney, hint: dict[str, str]) -> None:
    journey = make_journey("sign_up: true, allowed_domains: [example.org]")
    attempt, landing = journey.ask(**hint)
    assert landing.heading == "Continue to Example"
    url = leads_to(landing)
    assert parameters_of(url).get("login_hint") == hint.get("login_hint")
    journey.portal.finish(attempt, journey.browser.open(go_through(url, "ellen")))


@pytest.mark.parametrize("hint", [{"login_hint": "ada@example.com"}, {"domain_hint": "nobody"}, {"login_hint": "ada"}])
def test_another_hint_leaves_the_choice(make_journey: MakeJourney, hint: dict[str, str]) -> None:
    journey = make_journey("sign_up: true, allowed_domains: [example.org]")
    assert journey.ask(**hint)[1].heading == "Sign in"


def test_a_client_can_fix_the_provider_and_then_takes_no_password(make_journey: MakeJourney) -> None:
    journey = make_journey(clients=FIXED)
    attempt, landing = journey.ask()
    url = leads_to(landing)
    back = journey.browser.open(go_through(url, ""))
    assert "finish signing in at" in journey.problem(back)
    assert [[*form.buttons] for form in back.page.forms] == [[BUTTON]]
    journey.portal.finish(attempt, journey.through(back))


def test_a_password_that_is_sent_to_a_client_that_takes_none_signs_nobody_in(make_journey: MakeJourney) -> None:
    journey = make_journey(clients=FIXED)
    _, landing = journey.ask()
    back = journey.browser.open(go_through(leads_to(landing), ""))
    own = {"csrf_token": back.page.form.fields["csrf_token"], "username": "ada", "password": PASSWORD}
    url, _, _ = back.url.partition("&")
    landing = journey.browser.post(url, own, Origin=journey.site.issuer, Sec_Fetch_Site="same-origin")
    assert journey.browser.cookie("authserver_session") is None
    leads_to(landing)


def test_a_code_by_mail_is_no_way_in_for_a_client_that_takes_one_provider(make_journey: MakeJourney) -> None:
    journey = make_journey(clients=FIXED, signin_by_mail=True)
    _, landing = journey.ask()
    handle = dict(parse_qsl(urlsplit(landing.url).query))["request"]
    assert "/federation/example/start" in journey.browser.open(f"/sign-in/mail?request={handle}").url


@on_both
def test_a_session_that_began_with_a_password_is_none_for_a_client_that_takes_one_provider(
    make_journey: MakeJourney,
) -> None:
    journey = make_journey(clients=FIXED)
    journey.enter_password(journey.browser.open(journey.site.client("portal").ask().url))
    assert journey.browser.open(journey.portal.ask(prompt="none").url).error == "login_required"
    attempt, landing = journey.ask()
    tokens = journey.portal.finish(attempt, journey.browser.open(go_through(leads_to(landing), "ellen")))
    assert tokens.id_claims["sub"] != journey.site.people["ada"]
    # What the provider vouched for is a session for it, and for the others.
    assert journey.browser.open(journey.portal.ask(prompt="none").url).code


def test_a_fixed_provider_that_is_not_set_up_is_said_to_be_so(make_journey: MakeJourney) -> None:
    clients = CLIENTS_YAML.replace("  - client_id: intranet\n", "  - client_id: intranet\n    provider: google\n")
    landing = make_journey(clients=clients).ask()[1]
    assert landing.status == 400
    assert "set up here" in landing.text
    assert landing.page.forms == []


def test_google_stands_on_the_page_with_two_settings(make_journey: MakeJourney) -> None:
    journey = make_journey(google_client_id="g.apps.googleusercontent.com", google_client_secret="s")
    landing = journey.ask()[1]
    here = ["", "Sign in", "Sign in with a passkey"]
    assert [[*form.buttons] for form in landing.page.forms] == [here, ["Continue with Google"], [BUTTON]]
    assert landing.page.element("img", width="20")["alt"] == ""


@on_both
def test_tokens_of_the_provider_are_kept_only_where_it_is_said_and_then_sealed(make_journey: MakeJourney) -> None:
    from sqlalchemy import select

    from authserver.store.tables import identities

    for rules, kept in (("sign_up: true", False), ("sign_up: true, keep_tokens: true", True)):
        journey = make_journey(rules)
        journey.sign_in()
        with journey.site.database.read() as connection:
            sealed = connection.scalar(select(identities.c.sealed_tokens))
        assert (sealed is not None) == kept
        for token in journey.upstream.access_tokens:
            assert token not in journey.site.dump()
        if sealed is not None:
            assert [*journey.upstream.access_tokens][-1].encode() in journey.site.app.server.master.unseal(sealed)
