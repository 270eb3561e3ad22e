"""A client with an algorithm that has no key yet waits until every node publishes one, and loses nothing."""

import pytest
from sqlalchemy import delete

from authserver.store.tables import signing_keys
from tests.conftest import open_database
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider


@pytest.fixture
def provider(make_provider: MakeProvider, database_url: str) -> Provider:
    """A server with RS256 keys, on which the first client with ES256 has just been declared."""
    database = open_database(database_url)
    with database.write() as connection:
        connection.execute(delete(signing_keys).where(signing_keys.c.alg == "ES256"))
    database.engine.dispose()
    return make_provider()


def test_its_code_stays_unspent_until_the_key_signs(provider: Provider) -> None:
    kiosk, browser = provider.client("kiosk"), provider.browser()
    attempt = kiosk.ask()
    code = kiosk.authorize(browser, attempt).code
    refused = kiosk.redeem(attempt, code)
    assert (refused.status_code, refused.get_json()["error"]) == (503, "temporarily_unavailable")
    assert refused.headers["Retry-After"] == "20"
    provider.clock.pass_(20)
    kiosk.tokens(kiosk.redeem(attempt, code))


def test_clients_with_other_algorithms_notice_nothing(provider: Provider) -> None:
    portal = provider.client("portal")
    portal.sign_in(provider.browser())


def test_a_key_that_begins_while_it_is_asked_for_is_a_refusal_to_try_again(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk, browser = provider.client("kiosk"), provider.browser()
    attempt = kiosk.ask()
    code = kiosk.authorize(browser, attempt).code
    # It was gone at the look, and another is there a moment later.
    monkeypatch.setattr(provider.app.server.keys, "wait", lambda *_: 0)
    refused = kiosk.redeem(attempt, code)
    assert (refused.status_code, refused.get_json()["error"]) == (503, "temporarily_unavailable")
    assert refused.headers["Retry-After"] == "1"
