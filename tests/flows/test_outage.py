"""Storage away: 503 with Retry-After and nothing half done; limits without Redis fail open, with an event."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from werkzeug.test import TestResponse

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.registry import SECRETS
from tests.flows.relying_party import EVERYTHING, RelyingParty, basic
from tests.ports import free_port

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def outage(postgresql: str, database_url: str) -> "Outage":
    return Outage(postgresql, urlsplit(database_url).path.removeprefix("/"))


class Outage:
    """One database of a running PostgreSQL server, taken away and given back."""

    def __init__(self, server: str, name: str) -> None:
        self._server = server
        self._name = name

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self._allow(False)
        try:
            yield
        finally:
            self._allow(True)

    def _allow(self, allowed: bool) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS {str(allowed).lower()}".encode())
            if not allowed:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self._name]
                )


def assert_unavailable(response: TestResponse) -> None:
    assert (response.status_code, response.get_json()["error"]) == (503, "temporarily_unavailable")
    assert int(response.headers["Retry-After"]) > 0


@on_postgresql
def test_machines_are_told_to_come_back_and_what_they_sent_is_unspent(
    provider: Provider, browser: Browser, portal: RelyingParty, outage: Outage
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    attempt = portal.ask()
    code = portal.authorize(browser, attempt).code
    header = basic("reports", SECRETS["reports"])
    with outage():
        assert_unavailable(portal.redeem(attempt, code))
        assert_unavailable(portal.refresh(tokens.refresh_token))
        assert_unavailable(portal.revoke(tokens.refresh_token))
        assert_unavailable(portal.revoke(tokens.access_token))
        assert_unavailable(provider.userinfo(tokens.access_token))
        assert_unavailable(provider.post("/introspect", {"token": tokens.access_token}, Authorization=header))
    portal.tokens(portal.redeem(attempt, code))
    assert provider.is_alive(portal.refreshed(tokens).access_token)


@on_postgresql
def test_people_see_a_page_that_says_so_and_may_go_on_afterwards(
    provider: Provider, browser: Browser, portal: RelyingParty, outage: Outage
) -> None:
    attempt = portal.ask()
    sign_in = browser.open(attempt.url)
    with outage():
        for page in (browser.open(portal.ask().url), browser.open(sign_in.url), browser.sign_in(sign_in, "ada")):
            assert (page.status, page.heading) == (503, "Temporarily unavailable")
            assert int(page.headers["Retry-After"]) > 0
            assert "psycopg" not in page.text
    consent = browser.sign_in(sign_in, "ada")
    with outage():
        assert browser.allow(consent).status == 503
    assert browser.open(consent.url).heading == "Allow Team portal?"
    portal.finish(attempt, browser.allow(consent))
    with outage():
        assert browser.open(portal.ask().url).status == 503
    attempt = portal.ask()
    portal.finish(attempt, browser.open(attempt.url))


@on_postgresql
def test_what_needs_no_database_goes_on(provider: Provider, outage: Outage) -> None:
    nightly = provider.client("nightly")
    with outage():
        assert provider.call("GET", "/jwks.json").status_code == 200
        assert provider.call("GET", "/.well-known/openid-configuration").status_code == 200
        nightly.tokens(nightly.post("/token", {"grant_type": "client_credentials"}))
        assert provider.call("GET", "/healthz").status_code == 200
        assert provider.call("GET", "/readyz").status_code == 503
    assert provider.call("GET", "/readyz").status_code == 200


@on_postgresql
def test_events_wait_for_the_database_and_are_not_lost(provider: Provider, outage: Outage) -> None:
    nightly = provider.client("nightly")
    with outage():
        tokens = nightly.tokens(nightly.post("/token", {"grant_type": "client_credentials"}))
        provider.app.server.recorder.flush()
    (event,) = provider.events("token:access_token:issued")
    assert (event["jti"], event["api"]) == (tokens.access_claims["jti"], "reports")


def test_without_redis_limits_fail_open_with_an_event_and_sign_in_works(make_provider: MakeProvider) -> None:
    # Nobody listens there.
    port = free_port()
    provider = make_provider(redis_url=f"redis://127.0.0.1:{port}/0", client_auth_limit="1 per hour")
    portal = provider.client("portal")
    tokens = portal.sign_in(provider.browser(), scope=EVERYTHING)
    portal.refreshed(tokens)
    wrong = basic("portal", "wrong")
    answers = [provider.post("/introspect", {"token": "x"}, Authorization=wrong).status_code for _ in range(3)]
    assert answers == [401, 401, 401]
    assert {event["reason"] for event in provider.events("server:limits:unavailable")} == {"ConnectionError"}
    ready = provider.call("GET", "/readyz")
    assert (ready.status_code, ready.get_json()["checks"]["redis"]) == (200, "failed")
