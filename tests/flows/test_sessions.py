"""The signed-in browser between flows: how long, under which cookie, and until what (ASVS 7)."""

import pytest

from authserver.store import users
from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import on_both
from tests.flows.provider import START, Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty

HOUR, DAY = 3600, 86400
COOKIE = "authserver_session"


def silent(browser: Browser, client: RelyingParty) -> bool:
    """Whether a request is answered with nobody at the keyboard."""
    return "code" in browser.open(client.ask(prompt="none").url).answer


@on_both
def test_a_session_ends_after_an_idle_hour_and_each_use_prolongs_it(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    for _ in range(3):
        provider.clock.pass_(HOUR - 1)
        assert silent(browser, intranet)
    provider.clock.pass_(HOUR)
    assert not silent(browser, intranet)
    assert browser.open(intranet.ask().url).heading == "Sign in"


@pytest.mark.parametrize("idle", [60, 70])
def test_however_short_the_idle_time_a_session_in_use_goes_on(make_provider: MakeProvider, idle: int) -> None:
    provider = make_provider(session_idle=idle)
    browser, intranet = provider.browser(), provider.client("intranet")
    tokens = intranet.sign_in(browser)
    for _ in range(4):
        provider.clock.now += idle * 5 // 6
        assert browser.open(intranet.ask(prompt="none").url).answer.get("code")
    for _ in range(4):
        provider.clock.now += idle * 5 // 6
        tokens = intranet.refreshed(tokens)
    provider.clock.now += idle
    assert browser.open(intranet.ask(prompt="none").url).answer["error"] == "login_required"


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    for _ in range(12):
        provider.clock.pass_(HOUR - 1)
        assert silent(browser, intranet)
    provider.clock.pass_(12)
    assert not silent(browser, intranet)


def test_remember_me_makes_it_a_week_idle_and_thirty_days_in_all(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    browser.sign_in(browser.open(intranet.ask().url), "ada", remember=True)
    for _ in range(4):
        provider.clock.pass_(7 * DAY - 1)
        assert silent(browser, intranet)
    provider.clock.pass_(2 * DAY + 4)
    assert not silent(browser, intranet)


@on_both
def test_each_sign_in_and_each_re_authentication_gives_a_new_cookie_and_ends_the_old(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    before = browser.cookie(COOKIE)
    attempt = intranet.ask(prompt="login")
    browser.sign_in(browser.open(attempt.url), "ada")
    after = browser.cookie(COOKIE)
    assert before
    assert after
    assert before != after
    thief = provider.browser()
    thief.plant(COOKIE, before)
    assert thief.open("/").heading == "Sign-in service"


@pytest.mark.parametrize("planted", ["x" * 43, "", "x" * 3000, "é", "a; b=c"])
def test_a_planted_cookie_is_never_adopted(browser: Browser, intranet: RelyingParty, planted: str) -> None:
    browser.plant(COOKIE, planted)
    intranet.sign_in(browser)
    assert browser.cookie(COOKIE) != planted
    assert len(browser.cookie(COOKIE) or "") == 43


def test_a_session_planted_in_a_victims_browser_is_not_carried_over_their_own_sign_in(
    provider: Provider, portal: RelyingParty, intranet: RelyingParty
) -> None:
    attacker, victim = provider.browser(), provider.browser()
    intranet.sign_in(attacker, "mia")
    page = victim.open(portal.ask().url)
    for name in (COOKIE, "authserver_browser"):
        attacker_cookie = attacker.cookie(name)
        if name == COOKIE and attacker_cookie:
            victim.plant(name, attacker_cookie)
    victim.sign_in(page, "ada")
    assert victim.cookie(COOKIE) != attacker.cookie(COOKIE)
    # The attacker's own copy shows nobody: the session they planted ended when another person signed in over it.
    assert "Ada" not in attacker.open("/").page.words


def test_signing_in_as_somebody_else_ends_the_first_persons_session_and_bound_tokens(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    ada = intranet.sign_in(browser, scope=EVERYTHING.removesuffix(" offline_access"))
    attempt = intranet.ask(prompt="login")
    mia = intranet.finish(attempt, browser.sign_in(browser.open(attempt.url), "mia"))
    assert mia.id_claims["sid"] != ada.id_claims["sid"]
    assert intranet.refresh(ada.refresh_token).get_json()["error"] == "invalid_grant"


@on_both
def test_a_disabled_person_is_signed_out_everywhere_and_cannot_sign_in(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    provider.disable("ada")
    assert not silent(browser, intranet)
    page = browser.sign_in(browser.open(intranet.ask().url), "ada")
    assert (page.status, page.heading) == (400, "Sign in")
    provider.enable("ada")
    intranet.sign_in(browser)


def test_a_person_disabled_while_consenting_gets_no_code(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    consent = browser.sign_in(browser.open(portal.ask().url), "ada")
    provider.disable("ada")
    assert browser.allow(consent).heading == "Sign in"


def test_without_cookies_a_person_is_told_and_nothing_loops(provider: Provider, portal: RelyingParty) -> None:
    browser = provider.browser()
    browser.client = provider.app.test_client(use_cookies=False)
    page = browser.open(portal.ask().url)
    assert (page.status, page.heading) == (400, "This sign-in has expired")


def test_the_password_is_taken_from_a_posted_body_alone(browser: Browser, portal: RelyingParty) -> None:
    page = browser.open(portal.ask().url)
    token = page.page.form.fields["csrf_token"]
    in_query = f"{page.url}&username=ada&password=Correct-horse-9&csrf_token={token}"
    assert browser.open(in_query).heading == "Sign in"
    page.page.form.action = in_query
    assert browser.submit(page).status == 400
    assert browser.cookie(COOKIE) is None


@pytest.mark.parametrize("name", ["next", "return_to", "redirect_uri", "continue", "url", "post_logout_redirect_uri"])
def test_no_parameter_of_the_pages_leads_off_the_site(browser: Browser, name: str) -> None:
    page = browser.open(f"/sign-in?{name}=https://evil.example/")
    assert "evil.example" not in page.text
    landing = browser.sign_in(page, "ada")
    assert (landing.is_outside, landing.heading) == (False, "You’re signed in")


def test_the_sign_in_time_is_that_of_the_password_and_not_of_later_use(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    provider.clock.pass_(3000)
    assert intranet.sign_in(browser).id_claims["auth_time"] == START


@on_both
@pytest.mark.parametrize("response_mode", ["query", "form_post"])
def test_a_new_password_between_the_look_at_a_session_and_its_code_is_in_time(
    provider: Provider, browser: Browser, intranet: RelyingParty, monkeypatch: pytest.MonkeyPatch, response_mode: str
) -> None:
    intranet.sign_in(browser)
    server, looks = provider.app.server, iter([False, True])

    def clock() -> float:
        # Asked for the time of the decision, when the session has been found.
        if next(looks, False):
            with server.database.write() as connection:
                users.set_password(connection, provider.people["ada"], "another", provider.clock.now)
        return provider.clock()

    monkeypatch.setattr(server, "clock", clock)
    landing = browser.open(intranet.ask(scope="openid offline_access", response_mode=response_mode).url)
    assert landing.heading == "Sign in"
    assert next(looks, None) is None


def test_a_client_with_offline_access_keeps_no_session_alive(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    tokens = intranet.sign_in(browser, scope="openid offline_access")
    for _ in range(2):
        provider.clock.pass_(1800)
        tokens = intranet.refreshed(tokens)
    assert browser.open(intranet.ask().url).heading == "Sign in"


def test_signing_in_again_carries_no_refresh_token_past_the_session_that_it_began_in(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    tokens = intranet.sign_in(browser)
    for _ in range(11):
        provider.clock.pass_(3599)
        tokens = intranet.refreshed(tokens)
    attempt = intranet.ask(prompt="login")
    again = intranet.finish(attempt, browser.sign_in(browser.open(attempt.url), "ada"))
    assert again.id_claims_at(provider.clock.now)["sid"] == tokens.id_claims_at(provider.clock.now)["sid"]
    for seconds in (HOUR // 2, HOUR // 2 + 10):
        tokens = intranet.refreshed(tokens)
        provider.clock.pass_(seconds)
    provider.clock.pass_(1)
    refused = intranet.refresh(tokens.refresh_token)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")
    intranet.refreshed(again)
