"""What a token costs the database: the statements of each grant, and none that its answer does not need."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from sqlalchemy import event

from tests.flows.browser import Browser
from tests.flows.dpop import bound_client
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty
from tests.flows.test_dpop import bound, redeemed, refreshed

MOVES = {"BEGIN", "COMMIT"}
Count = Callable[[Callable[[], Any]], list[str]]


@pytest.fixture
def statements(provider: Provider) -> Count:
    """What this thread asks of the database meanwhile, by the first word, without the bounds of a transaction."""
    seen: list[tuple[int, str]] = []

    def note(statement: str) -> None:
        seen.append((threading.get_ident(), statement.split(maxsplit=1)[0]))

    engine = provider.database.engine
    event.listen(engine, "connect", lambda connection, _: connection.set_trace_callback(note))
    engine.dispose()

    def count(act: Callable[[], Any]) -> list[str]:
        seen.clear()
        act()
        return [word for thread, word in seen if thread == threading.get_ident() and word not in MOVES]

    return count


def asking(**places: Any) -> str:
    return json.dumps(places)


def test_each_grant_takes_the_statements_of_its_move_alone(
    browser: Browser, portal: RelyingParty, provider: Provider, statements: Count
) -> None:
    attempt = portal.ask(scope="openid offline_access")
    landing = portal.authorize(browser, attempt)
    # Spend, look who it is for, begin what follows.
    assert statements(lambda: portal.finish(attempt, landing)) == ["UPDATE", "SELECT", "INSERT"]
    tokens = portal.sign_in(browser, scope="openid offline_access")
    assert statements(lambda: portal.refreshed(tokens)) == ["UPDATE", "SELECT", "INSERT"]
    nightly = provider.client("nightly")
    assert statements(lambda: nightly.post("/token", {"grant_type": "client_credentials"})) == []


def test_a_proof_costs_one_statement_the_one_that_takes_it(
    browser: Browser, dashboard: RelyingParty, provider: Provider, statements: Count
) -> None:
    keyed = bound_client(provider)
    tokens = bound(dashboard, redeemed(dashboard, browser, keyed.at_token()))
    headers = keyed.at_token()
    taken = statements(lambda: refreshed(dashboard, tokens.refresh_token, headers))
    assert taken == ["UPDATE", "SELECT", "INSERT", "INSERT"]
    nightly, headers = provider.client("nightly"), keyed.at_token()
    service = {"grant_type": "client_credentials"}
    assert statements(lambda: nightly.post("/token", service, **headers)) == ["INSERT"]


def test_a_refresh_that_is_bound_to_a_key_checks_one_signature_more_and_imports_no_key(
    browser: Browser, dashboard: RelyingParty, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: Counter[str] = Counter()

    def counted(kind: type[Any], name: str) -> None:
        real = getattr(kind, name)

        def count(*given: Any, **named: Any) -> Any:
            done[name] += 1
            return real(*given, **named)

        monkeypatch.setattr(kind, name, count)

    keyed = bound_client(provider)
    plain = dashboard.sign_in(browser, scope="openid offline_access")
    tokens = bound(dashboard, redeemed(dashboard, provider.browser(), keyed.at_token()))
    headers = keyed.at_token()
    for alg in ("RS256", "ES256", "Ed25519"):
        model = type(JWSRegistry(algorithms=[alg]).get_alg(alg))
        counted(model, "sign")
        counted(model, "verify")
    monkeypatch.setattr(ECKey, "import_key", None)
    dashboard.refreshed(plain)
    # The access token and the ID token.
    assert done == {"sign": 2}
    done.clear()
    refreshed(dashboard, tokens.refresh_token, headers)
    assert done == {"sign": 2, "verify": 1}


def test_scopes_of_apis_cost_no_statement(browser: Browser, portal: RelyingParty, statements: Count) -> None:
    attempt = portal.ask(scope="openid offline_access read:reports read:users")
    landing = portal.authorize(browser, attempt)
    assert statements(lambda: portal.finish(attempt, landing)) == ["UPDATE", "SELECT", "INSERT"]
    tokens = portal.sign_in(browser, scope="openid offline_access read:reports write:reports")
    assert statements(lambda: portal.refreshed(tokens, scope="read:reports")) == ["UPDATE", "SELECT", "INSERT"]


def test_the_person_is_looked_up_only_for_claims_of_the_id_token(
    browser: Browser, portal: RelyingParty, statements: Count
) -> None:
    for asked, further in (
        (asking(userinfo={"name": None, "email": None}), []),
        (asking(id_token={"name": None}), ["SELECT"]),
    ):
        tokens = portal.sign_in(browser, scope="openid offline_access", claims=asked)
        assert statements(lambda: portal.refreshed(tokens)) == ["UPDATE", "SELECT", "INSERT", *further]  # noqa: B023
