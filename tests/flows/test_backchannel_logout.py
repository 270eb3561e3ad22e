"""Every client that took part in a session is told that it is over (OpenID Connect Back-Channel Logout 1.0).

oidcc-backchannel-rp-initiated-logout; the metadata are in `test_metadata`.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from sqlalchemy import update

from authserver import people
from authserver.people import Actor
from authserver.store import sessions, users
from authserver.store.tables import sessions as table
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.listening import Listener, clean, deliver, jobs_of, leave, listening, register, waiting
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty, Tokens

HOUR, DAY = 3600, 86400


@pytest.fixture
def told(provider: Provider) -> Iterator[Listener]:
    """The listener of portal."""
    with listening() as listener:
        register(provider, "portal", listener.url)
        yield listener


@on_both
def test_oidcc_backchannel_rp_initiated_logout(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    tokens = portal.sign_in(browser)
    leave(browser, tokens)
    # It leaves after the answer: a client that is slow keeps nobody waiting.
    assert told.tokens == []
    deliver(provider)
    claims = told.claims(provider, "portal")
    assert {name: claims[name] for name in ("sub", "sid")} == {name: tokens.id_claims[name] for name in ("sub", "sid")}
    assert (told.paths, told.types) == (["/logout"], ["application/x-www-form-urlencoded"])
    assert waiting(provider) == []
    (event,) = provider.events("client:logout:delivered")
    assert (event["client_id"], event["sub"]) == ("portal", provider.people["ada"])


def test_a_client_is_told_with_the_algorithm_of_its_id_tokens(provider: Provider, browser: Browser) -> None:
    with listening(status=204) as listener:
        register(provider, "kiosk", listener.url)
        leave(browser, provider.client("kiosk").sign_in(browser))
        deliver(provider)
        listener.claims(provider, "kiosk")
    assert len(provider.events("client:logout:delivered")) == 1


def test_exactly_the_clients_that_took_part_are_told(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    with listening() as intranet, listening() as bank, listening() as notes:
        for name, listener in (("intranet", intranet), ("bank", bank), ("notes", notes)):
            register(provider, name, listener.url)
        tokens = portal.sign_in(browser)
        provider.client("intranet").sign_in(browser)
        # No ID token ever reached it: the code was not redeemed.
        bank_client = provider.client("bank")
        bank_client.authorize(browser, bank_client.ask())
        # It asked for no identity, so it knows no session.
        provider.client("dashboard").sign_in(browser)
        # Another browser's session is another session.
        provider.client("notes").sign_in(provider.browser())
        leave(browser, tokens)
        assert sorted(waiting(provider)) == ["intranet", "portal"]
        deliver(provider)
        assert len(told.tokens) == len(intranet.tokens) == 1
        assert bank.tokens == notes.tokens == []


def by_api(act: Callable[[people.Change, users.User], object]) -> Callable[[Provider, Browser, Tokens], None]:
    def do(provider: Provider, _browser: Browser, tokens: Tokens) -> None:
        server = provider.app.server
        with server.database.write() as connection:
            user = users.get(connection, tokens.id_claims["sub"])
            assert user
            act(people.change_of(server, connection, Actor(is_administrator=True)), user)

    return do


WAYS: dict[str, Callable[[Provider, Browser, Tokens], None]] = {
    "disabling": by_api(people.disable),
    "deletion": by_api(people.delete),
    "another password": by_api(lambda change, user: people.set_password(change, user, "x")),
    "a password that was forgotten": by_api(lambda change, user: people.reset_password(change, user, "x")),
    "all sessions ended": by_api(people.end_sessions),
    "roles that end what runs": by_api(lambda change, user: people.set_roles(change, user, ["guest"], end=True)),
    "the client withdrawn": by_api(lambda change, user: people.withdraw(change, user, "portal")),
    "all authorizations revoked": by_api(people.revoke_all),
    "an account handed over": by_api(people.hand_over),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_ends_it_the_client_is_told_once(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener, way: str
) -> None:
    tokens = portal.sign_in(browser)
    WAYS[way](provider, browser, tokens)
    deliver(provider)
    assert told.heard() == [(tokens.id_claims["sub"], tokens.id_claims["sid"])]
    # What has ended ends no second time.
    provider.clock.pass_(2 * DAY)
    clean(provider)
    deliver(provider)
    assert len(told.tokens) == 1


def test_one_session_ended_is_told_for_that_one(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    tokens = portal.sign_in(browser)
    portal.sign_in(provider.browser())
    by_api(lambda change, user: people.end_session(change, user, tokens.id_claims["sid"]))(provider, browser, tokens)
    deliver(provider)
    assert [sid for _, sid in told.heard()] == [tokens.id_claims["sid"]]


def test_who_signs_in_where_another_was_ends_that_session_for_the_clients_too(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    tokens = portal.sign_in(browser)
    landing = browser.follow(browser.open(portal.ask(prompt="select_account").url), "Use another account")
    browser.sign_in(landing, "mia")
    deliver(provider)
    assert told.heard() == [(tokens.id_claims["sub"], tokens.id_claims["sid"])]


@on_both
@pytest.mark.parametrize("left_idle", [True, False], ids=["idle", "at its end"])
def test_a_session_that_expires_is_told_by_the_cleaner_once(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener, left_idle: bool
) -> None:
    settings = provider.app.server.settings
    claims = portal.sign_in(browser).id_claims
    passed = 0
    while not left_idle and passed < settings.session_lifetime - 1800:
        provider.clock.pass_(1800)
        passed += 1800
        browser.open("/")
        clean(provider)
    provider.clock.pass_(settings.session_idle - 1 if left_idle else settings.session_lifetime - passed - 1)
    clean(provider)
    assert waiting(provider) == []
    provider.clock.pass_(1)

    def end(_: int) -> None:
        server = provider.app.server
        with server.database.write() as connection:
            people.end_expired(people.change_of(server, connection), 500)

    with ThreadPoolExecutor(4) as many:
        list(many.map(end, range(4)))
    assert waiting(provider) == ["portal"]
    clean(provider)
    deliver(provider)
    assert told.heard() == [(claims["sub"], claims["sid"])]


def test_a_session_of_the_release_before_is_looked_at_and_goes_on(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    portal.sign_in(browser)
    with provider.database.write() as connection:
        connection.execute(update(table).values(look_at=0))
    clean(provider)
    assert waiting(provider) == []
    assert browser.open("/").heading == "You’re signed in"
    provider.clock.pass_(HOUR)
    clean(provider)
    assert waiting(provider) == ["portal"]


def test_who_took_part_is_known_until_a_session_that_was_renewed_is_over(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    portal.sign_in(browser)
    lifetime = provider.app.server.settings.session_lifetime
    for passed in range(0, 2 * lifetime, 1800):
        provider.clock.pass_(1800)
        if passed == lifetime // 2:
            browser.sign_in(browser.open(portal.ask(prompt="login").url), "ada")
        browser.open("/")
        clean(provider)
    provider.clock.pass_(DAY)
    clean(provider)
    assert waiting(provider) == ["portal"]


def test_of_many_that_end_it_at_once_one_tells(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    tokens = portal.sign_in(browser)
    sid = tokens.id_claims["sid"]
    with provider.database.read() as connection:
        session = sessions.get(connection, sid, provider.clock.now)
    assert session is not None

    def end(_: int) -> None:
        server = provider.app.server
        with server.database.write() as connection:
            people.log_out(people.change_of(server, connection), session)

    with ThreadPoolExecutor(8) as many:
        list(many.map(end, range(8)))
    assert waiting(provider) == ["portal"]


def test_an_end_that_is_not_kept_tells_nobody(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    tokens = portal.sign_in(browser)

    def fail(change: people.Change, user: users.User) -> None:
        people.disable(change, user)
        raise LookupError

    with pytest.raises(LookupError):
        by_api(fail)(provider, browser, tokens)
    assert waiting(provider) == []


def test_where_no_client_listens_nothing_is_put_down(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    leave(browser, portal.sign_in(browser))
    assert waiting(provider) == []


def test_a_logout_token_passes_for_no_other_token_and_no_other_for_it(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    leave(browser, tokens)
    deliver(provider)
    (token,) = told.tokens
    assert provider.userinfo(token).status_code == 401
    assert not provider.is_alive(token)
    landing = browser.open(f"/end_session?{urlencode({'id_token_hint': token})}")
    assert landing.status == 400
    assert browser.open(portal.ask(id_token_hint=token, prompt="none").url).error == "invalid_request"


def test_what_waits_shows_nobody_who_signed_out(
    provider: Provider, browser: Browser, portal: RelyingParty, told: Listener
) -> None:
    tokens = portal.sign_in(browser)
    leave(browser, tokens)
    (row,) = jobs_of(provider)
    assert tokens.id_claims["sub"] not in f"{row.about}{row.sealed!r}"
