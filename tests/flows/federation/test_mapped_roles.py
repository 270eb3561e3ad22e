"""Roles that a provider gives hold in its own sessions and their refreshes, and for a limited time."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from authserver.cli import main
from authserver.store import imports
from tests.flows.browser import PASSWORD, Browser
from tests.flows.databases import on_both
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import SECRET, Journey, leads_to
from tests.flows.provider import Clock
from tests.flows.registry import CLIENTS_YAML
from tests.flows.relying_party import RelyingParty, Tokens
from tests.management.api import DECLARED, Api
from tests.provider.running import go_through, running
from tests.provider.state import State

DAY = 86400
ROLES = "roles: {groups: {engineering: moderator}}, trusted_domains: [example.com]"
BY_OFFICE, BY_PASSWORD = ["moderator", "user"], ["user"]


def as_ada(upstream: State) -> None:
    """Whoever comes by this provider is ada, who has a password here."""
    upstream.claims |= {"email": "ada@example.com", "email_verified": True}


@pytest.fixture
def journey(make_journey: MakeJourney, upstream: State) -> Journey:
    as_ada(upstream)
    return make_journey(ROLES)


@pytest.fixture
def home(clock: Clock) -> Iterator[State]:
    """Another provider, which says nothing of groups that count."""
    with running("authserver", SECRET, clock) as state:
        as_ada(state)
        yield state


def by_password(
    journey: Journey, browser: Browser, client: RelyingParty, username: str = "ada", **asked: str
) -> Tokens:
    """The tokens of a client in a browser that is signed in by a password."""
    attempt = client.ask(**asked)
    landing = browser.open(attempt.url)
    if landing.heading == "Sign in":
        landing = browser.submit(landing, form=landing.page.forms[0], username=username, password=PASSWORD)
    return client.finish(attempt, landing)


def roles(tokens: Tokens) -> list[str]:
    found: list[str] = tokens.access_claims["roles"]
    return found


@on_both
def test_they_count_in_sessions_of_the_provider_and_in_no_other(journey: Journey) -> None:
    office, other, backoffice = journey.browser, journey.site.browser(), journey.site.client("backoffice")
    assert roles(journey.sign_in()) == BY_OFFICE
    assert roles(by_password(journey, other, journey.portal)) == BY_PASSWORD
    assert office.open(backoffice.ask(prompt="none").url).code
    assert other.open(backoffice.ask(prompt="none").url).error == "access_denied"
    assert "No access to" in other.open(backoffice.ask().url).text


@on_both
def test_what_was_lost_there_is_not_kept_by_way_of_another_provider(
    make_journey: MakeJourney, upstream: State, home: State
) -> None:
    as_ada(upstream)
    entry = f"issuer: '{home.issuer}', client_id: authserver, secret: {{env: EXAMPLE_SECRET}}, label: Home"
    journey = make_journey(f"{ROLES}}}\n  home: {{{entry}, trusted_domains: [example.com]")
    assert roles(journey.sign_in()) == BY_OFFICE
    # There the group is lost now, and nobody here has heard of it.
    journey.browser = journey.site.browser()
    attempt, landing = journey.ask(scope="openid offline_access")
    url = journey.start(landing, "Continue with Home")
    tokens = journey.portal.finish(attempt, journey.browser.open(go_through(url, "ellen")))
    assert roles(tokens) == BY_PASSWORD
    assert roles(journey.portal.refreshed(tokens)) == BY_PASSWORD
    assert journey.site.introspect(tokens.access_token, "users")["roles"] == BY_PASSWORD
    assert journey.browser.open(journey.site.client("backoffice").ask(prompt="none").url).error == "access_denied"


@on_both
def test_a_refresh_has_them_for_a_day_and_then_no_more(journey: Journey) -> None:
    tokens = journey.sign_in(scope="openid offline_access")
    journey.browser.open("/account")
    journey.site.clock.pass_(DAY - 1)
    tokens = journey.portal.refreshed(tokens)
    assert roles(tokens) == BY_OFFICE
    assert journey.site.introspect(tokens.access_token, "users")["roles"] == BY_OFFICE
    journey.site.clock.pass_(1)
    assert journey.site.introspect(tokens.access_token, "users")["roles"] == BY_PASSWORD
    tokens = journey.portal.refreshed(tokens)
    assert roles(tokens) == BY_PASSWORD
    # A sign-in there, in whichever browser, says that they still hold.
    journey.browser = journey.site.browser()
    journey.sign_in()
    assert roles(journey.portal.refreshed(tokens)) == BY_OFFICE


@on_both
def test_where_they_open_a_client_its_refreshes_end_with_them(journey: Journey) -> None:
    backoffice = journey.site.client("backoffice")
    journey.sign_in()
    tokens = backoffice.sign_in(journey.browser, scope="openid offline_access")
    journey.site.clock.pass_(DAY)
    answer = backoffice.refresh(tokens.refresh_token)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


@on_both
def test_offline_access_out_of_a_session_with_a_password_never_has_them(journey: Journey) -> None:
    tokens = by_password(journey, journey.site.browser(), journey.portal, scope="openid offline_access")
    journey.sign_in()
    assert roles(journey.portal.refreshed(tokens)) == BY_PASSWORD


def test_offline_access_keeps_them_past_the_session_but_not_past_their_time(journey: Journey) -> None:
    tokens = journey.sign_in(scope="openid offline_access")
    home = journey.browser.open("/")
    journey.browser.submit(home, form=next(form for form in home.page.forms if "Sign out" in form.buttons))
    tokens = journey.portal.refreshed(tokens)
    assert roles(tokens) == BY_OFFICE
    journey.site.clock.pass_(DAY)
    assert roles(journey.portal.refreshed(tokens)) == BY_PASSWORD


@on_both
def test_a_group_that_is_lost_is_lost_for_all_at_the_next_sign_in_there(journey: Journey) -> None:
    tokens = journey.sign_in(scope="openid offline_access")
    journey.upstream.people["ellen"].claims["groups"] = []
    other = journey.browser
    journey.browser = journey.site.browser()
    assert roles(journey.sign_in()) == BY_PASSWORD
    assert roles(journey.portal.refreshed(tokens)) == BY_PASSWORD
    assert other.open(journey.site.client("backoffice").ask(prompt="none").url).error == "access_denied"


def test_a_password_in_such_a_session_neither_ends_nor_prolongs_them(journey: Journey) -> None:
    journey.sign_in()
    journey.site.clock.pass_(3000)
    attempt, landing = journey.ask(prompt="login", scope="openid offline_access")
    tokens = journey.portal.finish(attempt, journey.enter_password(landing))
    assert roles(tokens) == BY_OFFICE
    journey.site.clock.pass_(DAY - 3000)
    assert roles(journey.portal.refreshed(tokens)) == BY_PASSWORD


def test_to_link_a_sign_in_gives_the_session_nothing(journey: Journey) -> None:
    landing = journey.enter_password(journey.browser.open("/sign-in?to=linked"))
    page = journey.browser.submit(landing, "Add Example", form=journey.button(landing, "Add Example"))
    journey.browser.open(go_through(leads_to(page), "ellen"))
    assert journey.user(journey.site.people["ada"]).every_role == ("moderator", "user")
    assert roles(by_password(journey, journey.browser, journey.portal)) == BY_PASSWORD


@pytest.mark.parametrize(
    ("rules", "settings"),
    [(f"{ROLES}, roles_lifetime: 600", {}), (ROLES, {"mapped_roles_lifetime": 600})],
)
def test_how_long_is_a_setting_and_a_provider_may_have_its_own(
    make_journey: MakeJourney, upstream: State, rules: str, settings: dict[str, int]
) -> None:
    as_ada(upstream)
    journey = make_journey(rules, **settings)
    tokens = journey.sign_in()
    journey.site.clock.pass_(599)
    tokens = journey.portal.refreshed(tokens)
    assert roles(tokens) == BY_OFFICE
    journey.site.clock.pass_(1)
    assert roles(journey.portal.refreshed(tokens)) == BY_PASSWORD
    assert journey.browser.open(journey.site.client("backoffice").ask(prompt="none").url).error == "access_denied"


@on_both
def test_the_api_shows_them_and_until_when_and_nobody_below_touches_who_had_them(
    make_journey: MakeJourney, upstream: State
) -> None:
    as_ada(upstream)
    journey = make_journey("roles: {groups: {engineering: admin}}, trusted_domains: [example.com]", clients=DECLARED)
    journey.sign_in()
    console = journey.site.client("console")
    api = Api(journey.site, by_password(journey, journey.site.browser(), console, "mia").access_token)
    mapped = [{"provider": "example", "role": "admin", "expires_at": journey.site.clock.now + DAY}]
    seen = api.person("ada")[0]
    assert (seen["roles"], seen["mapped_roles"], seen["effective_roles"]) == (["user"], mapped, ["admin", "user"])
    assert api.change("PATCH", "ada", json={"name": "x"}).status_code == 403
    journey.site.clock.pass_(DAY)
    api = Api(journey.site, by_password(journey, journey.site.browser(), console, "mia").access_token)
    seen = api.person("ada")[0]
    assert (seen["roles"], seen["mapped_roles"], seen["effective_roles"]) == (["user"], mapped, ["user"])
    assert api.change("PUT", "ada", "/roles", {"roles": ["user"]}).status_code == 403


def test_the_api_is_opened_by_them_in_their_own_sessions_alone(make_journey: MakeJourney, upstream: State) -> None:
    as_ada(upstream)
    journey = make_journey(ROLES, clients=DECLARED)
    journey.sign_in()
    console = journey.site.client("console")
    other, path = by_password(journey, journey.site.browser(), console), f"/users/{journey.site.people['gus']}/sessions"
    assert Api(journey.site, console.sign_in(journey.browser).access_token).call("DELETE", path).status_code == 204
    assert Api(journey.site, other.access_token).call("DELETE", path).status_code == 403


@on_both
def test_an_export_does_not_make_them_an_administrator_s(journey: Journey) -> None:
    journey.sign_in()
    with journey.site.database.read() as connection:
        (ada,) = (each for each in imports.everybody(connection) if each["username"] == "ada")
    assert ada["roles"] == ["user"]


def test_the_command_line_says_by_whom_and_until_when(
    make_journey: MakeJourney, upstream: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_ada(upstream)
    journey = make_journey(ROLES, clients=CLIENTS_YAML)
    journey.sign_in()
    settings = journey.site.app.server.settings
    monkeypatch.setenv("AUTHSERVER_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("AUTHSERVER_CLIENTS_FILE", str(settings.clients_file))
    plain = CliRunner().invoke(main, ["users", "show", "ada"]).output
    assert "moderator (by example until 2027-01-16 08:00:00 UTC)" in plain
    found = json.loads(CliRunner().invoke(main, ["users", "show", "ada", "--json"]).stdout)
    assert (found["roles"], [each["role"] for each in found["mapped_roles"]]) == (["user"], ["moderator"])
