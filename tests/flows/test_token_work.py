"""What a token costs the database: the statements of each grant, and none that its answer does not need."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

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


def test_the_person_is_looked_up_only_for_claims_of_the_id_token(
    browser: Browser, portal: RelyingParty, statements: Count
) -> None:
    for asked, further in (
        (asking(userinfo={"name": None, "email": None}), []),
        (asking(id_token={"name": None}), ["SELECT"]),
    ):
        tokens = portal.sign_in(browser, scope="openid offline_access", claims=asked)
        assert statements(lambda: portal.refreshed(tokens)) == ["UPDATE", "SELECT", "INSERT", *further]  # noqa: B023
