"""A second factor that is required from a date on: told until then, set up before anything else after it."""

import pytest

from authserver.store import addresses
from authserver.store.factors import factor_notices
from tests.flows.browser import Browser, Landing
from tests.flows.conftest import MakeProvider
from tests.flows.databases import always_on_both, on_both
from tests.flows.factors.authenticator import Authenticator
from tests.flows.factors.phone import ASKED, Phone, codes_of, letters, secret_of, set_up, sign_out
from tests.flows.factors.script import options_of, send
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

SET_UP, ANNOUNCED, CODES = "Set up a second factor", "You’ll need a second factor", "Your recovery codes"
SESSION, BEGUN = "authserver_session", "authserver_begun"
# The clock of these tests begins on January 15, 2027, at 8.
PAST, FUTURE = "2027-01-01", "2027-03-01"
DAY = 86400
UNTIL_THEN = 45 * DAY - 8 * 3600


def require(provider: Provider, since: str, roles: str = "") -> None:
    more = f", roles: [{roles}]" if roles else ""
    provider.amend("default_role: user\n", f"default_role: user\nsecond_factor: {{required_from: {since}{more}}}\n")


def by_app(provider: Provider, browser: Browser, landing: Landing) -> tuple[Landing, Phone]:
    """Add an app on the page that asks for a factor."""
    assert landing.heading == SET_UP, landing.page.words
    landing = browser.follow(landing, "Add an authenticator app")
    phone = Phone(provider, secret_of(landing), [])
    done = browser.submit(landing, code=phone.code())
    assert done.heading == CODES, done.page.words
    return browser.open(done.page.links["I’ve kept them"]), phone


@on_both
def test_who_has_none_sets_one_up_before_they_go_on_to_the_client(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    require(provider, PAST)
    attempt = intranet.ask()
    landing = browser.sign_in(browser.open(attempt.url), "ada")
    assert browser.cookie(SESSION) is None
    done, phone = by_app(provider, browser, landing)
    assert intranet.finish(attempt, done).id_claims["amr"] == ["pwd", "otp", "mfa"]
    assert browser.cookie(BEGUN) is None
    assert letters(provider).count("factors_changed") == 2
    sign_out(browser)
    asked = browser.sign_in(browser.open("/sign-in"), "ada")
    assert asked.heading == ASKED
    assert browser.submit(asked, code=phone.next_code()).heading != ASKED


def test_a_passkey_does_as_well(provider: Provider, browser: Browser, intranet: RelyingParty) -> None:
    require(provider, PAST)
    attempt = intranet.ask()
    landing = browser.sign_in(browser.open(attempt.url), "ada")
    key = Authenticator(browser.origin)
    assert "couldn’t be added" in send(browser, landing, "{}").page.words
    done = send(browser, landing, key.create(options_of(landing)))
    assert len(codes_of(done)) == 10
    tokens = intranet.finish(attempt, browser.open(done.page.links["I’ve kept them"]))
    assert tokens.id_claims["amr"] == ["pwd", "hwk", "pop", "mfa"]


def test_only_of_whoever_has_one_of_the_roles_by_whatever_way(provider: Provider) -> None:
    provider.amend("default_role: user\n", "groups: {staff: [moderator]}\ndefault_role: user\n")
    require(provider, PAST, "moderator")
    for username, is_asked in (("ada", False), ("mia", True)):
        browser = provider.browser()
        assert (browser.sign_in(browser.open("/sign-in"), username).heading == SET_UP) == is_asked
    from authserver.store import directory

    with provider.database.write() as connection:
        directory.set_groups(connection, provider.people["ada"], ["staff"], provider.clock.now)
    browser = provider.browser()
    assert browser.sign_in(browser.open("/sign-in"), "ada").heading == SET_UP


def test_nothing_else_is_open_to_who_has_yet_to_set_one_up(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    require(provider, PAST)
    browser.sign_in(browser.open("/sign-in"), "root")
    for path in ("/account", "/account/factors", "/account/factors/app", "/account/factors/announced", "/admin"):
        assert browser.open(path).heading == "Sign in", path
    assert browser.open(intranet.ask().url).heading == SET_UP
    assert browser.open(intranet.ask(prompt="none").url).error == "interaction_required"
    browser.plant(SESSION, browser.cookie(BEGUN) or "")
    assert browser.open("/account").heading == "Sign in"


def test_a_session_of_before_goes_no_further_and_is_asked_who_it_is(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    require(provider, FUTURE)
    provider.clock.pass_(UNTIL_THEN - 3600)
    landing = browser.sign_in(browser.open("/sign-in"), "root")
    browser.submit(landing, "Later")
    assert browser.open(intranet.ask(prompt="none").url).code
    provider.clock.pass_(3599)
    assert browser.open(intranet.ask().url).code
    provider.clock.pass_(1)
    assert browser.open(intranet.ask(prompt="none").url).error == "interaction_required"
    for path in ("/account", "/admin", "/account/factors/app"):
        assert browser.open(path).heading == "Confirm it’s you", path
    attempt = intranet.ask()
    landing = browser.sign_in(browser.open(attempt.url), "root")
    done, _ = by_app(provider, browser, landing)
    assert intranet.finish(attempt, done).id_claims["amr"] == ["pwd", "otp", "mfa"]
    assert browser.open("/admin").heading == "Administration"


@on_both
def test_it_is_said_once_a_week_with_the_date_until_it_comes(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    require(provider, FUTURE)

    def come() -> Landing:
        return browser.sign_in(browser.open(intranet.ask(prompt="login").url), "ada")

    landing = come()
    assert (landing.heading, "March 1, 2027" in landing.page.words) == (ANNOUNCED, True)
    assert "<script" not in landing.text
    assert browser.submit(landing, "Later").code
    assert come().code
    assert "March 1, 2027" in browser.open("/account").page.words
    assert "March 1, 2027" in browser.open("/account/factors").page.words
    assert [event["until"] for event in provider.events("user:factor:put_off")] == [provider.clock.now + 7 * DAY]
    provider.clock.pass_(7 * DAY)
    assert come().heading == ANNOUNCED
    provider.clock.pass_(UNTIL_THEN - 7 * DAY)
    assert come().heading == SET_UP


@pytest.mark.parametrize("way", ["Add a passkey", "Add an authenticator app"])
def test_who_sets_one_up_at_once_goes_on_and_hears_no_more(
    provider: Provider, browser: Browser, intranet: RelyingParty, way: str
) -> None:
    require(provider, FUTURE)
    attempt = intranet.ask()
    landing = browser.follow(browser.sign_in(browser.open(attempt.url), "ada"), way)
    if way == "Add a passkey":
        done = send(browser, landing, Authenticator(browser.origin).create(options_of(landing)))
    else:
        done = browser.submit(landing, code=Phone(provider, secret_of(landing), []).code())
    assert intranet.finish(attempt, browser.open(done.page.links["I’ve kept them"])).id_claims["amr"][-1] == "mfa"
    assert "March 1, 2027" not in browser.open("/account").page.words


def test_nobody_is_told_who_need_none_or_has_one(provider: Provider, phone: Phone) -> None:
    require(provider, FUTURE, "admin")
    browser = provider.browser()
    assert browser.sign_in(browser.open("/sign-in"), "mia").heading != ANNOUNCED
    provider.amend("roles: [admin]", "roles: [user]")
    browser = provider.browser()
    assert browser.submit(browser.sign_in(browser.open("/sign-in"), "ada"), code=phone.code()).heading != ANNOUNCED


def test_the_last_one_cannot_be_removed_once_it_is_required(provider: Provider, browser: Browser) -> None:
    set_up(provider, browser, name="Old")
    require(provider, PAST)

    def remove(name: str) -> Landing:
        landing = browser.open("/account/factors")
        form = next(form for form in landing.page.forms if f"Remove {name}" in form.buttons)
        return browser.submit(landing, f"Remove {name}", form=form)

    assert "Add another one before you remove this one" in remove("Old").page.words
    landing = browser.open("/account/factors/app")
    provider.clock.pass_(30)
    browser.submit(landing, code=Phone(provider, secret_of(landing), []).code(), name="New")
    remove("Old")
    assert "Add another one before you remove this one" in remove("New").page.words
    assert [each["kind"] for each in provider.events("user:factor:removed")] == ["totp"]


@always_on_both
def test_a_page_that_is_left_open_adds_no_way_round_a_factor_that_was_set_up_meanwhile(
    make_provider: MakeProvider,
) -> None:
    provider = make_provider()
    require(provider, PAST)
    thief, owner = provider.browser("203.0.113.66"), provider.browser()
    opened = thief.sign_in(thief.open("/sign-in"), "ada")
    app = thief.follow(opened, "Add an authenticator app")
    by_app(provider, owner, owner.sign_in(owner.open("/sign-in"), "ada"))
    late = thief.submit(app, code=Phone(provider, secret_of(app), []).code())
    assert (late.heading, thief.cookie(SESSION)) == (ASKED, None)
    assert send(thief, opened, Authenticator(thief.origin).create(options_of(opened))).heading == ASKED
    assert len(provider.events("user:factor:added")) == 1


def test_a_secret_that_was_not_shown_here_and_a_wrong_code_add_nothing(provider: Provider, browser: Browser) -> None:
    require(provider, PAST)
    landing = browser.follow(browser.sign_in(browser.open("/sign-in"), "ada"), "Add an authenticator app")
    right = Phone(provider, secret_of(landing), [])
    assert "That code is wrong" in browser.submit(landing, code=right.wrong_code()).page.words
    for sealed in ("", "é", "gAAAAA"):
        assert browser.submit(landing, sealed=sealed, code=right.code()).heading == SET_UP
    assert not provider.events("user:factor:added")
    assert browser.submit(landing, code=right.code()).heading == CODES


def test_it_is_over_after_ten_minutes_and_when_nothing_is_required_any_more(
    provider: Provider, browser: Browser
) -> None:
    require(provider, PAST)
    landing = browser.follow(browser.sign_in(browser.open("/sign-in"), "ada"), "Add an authenticator app")
    provider.clock.pass_(600)
    assert browser.submit(landing, code=Phone(provider, secret_of(landing), []).code()).heading == "Sign in"
    browser.sign_in(browser.open("/sign-in"), "ada")
    provider.amend("second_factor: {required_from: 2027-01-01}\n", "")
    assert browser.open("/sign-in/set-up").heading == "Sign in"
    assert browser.sign_in(browser.open("/sign-in?to=account"), "ada").heading == "Your account"


def test_who_has_no_proof_of_their_address_proves_it_first(provider: Provider, browser: Browser) -> None:
    with provider.database.write() as connection:
        addresses.put(connection, provider.people["ada"], "ada@example.com", provider.clock.now, is_verified=False)
    require(provider, PAST)
    landing = browser.sign_in(browser.open("/sign-in"), "ada")
    assert landing.heading == SET_UP
    assert "show that your email address is yours" in landing.page.words
    assert "QR code" not in browser.open("/sign-in/set-up?by=app").text
    assert browser.follow(landing, "Send the link").heading == "Forgot your password?"


def test_a_new_account_sets_one_up_too(make_provider: MakeProvider) -> None:
    provider = make_provider(issuer="http://127.0.0.1:8080")
    require(provider, PAST)
    browser = provider.browser()
    # On a bare address there are no passkeys: the app is the only way.
    landing = browser.sign_in(browser.open("/sign-in"), "ada")
    assert landing.heading == SET_UP
    assert "Add a passkey" not in landing.page.words
    assert browser.submit(landing, code=Phone(provider, secret_of(landing), []).code()).heading == CODES


def test_with_the_account_goes_what_was_told(provider: Provider, browser: Browser) -> None:
    require(provider, FUTURE)
    browser.submit(browser.sign_in(browser.open("/sign-in"), "ada"), "Later")
    sub = provider.people["ada"]
    browser.submit(browser.open("/account/delete"), sure="y")
    with provider.database.read() as connection:
        assert factor_notices.is_due(connection, sub, provider.clock.now)
