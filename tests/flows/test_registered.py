"""Registered clients see, replace and remove themselves, and are removed when nobody uses them (RFC 7592)."""

from typing import Any

import pytest

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import on_both
from tests.flows.listening import clean
from tests.flows.provider import Provider
from tests.flows.registering import APP, DAY, initial, manage, party, refusal, registered, send
from tests.flows.registry import REPORTS


@on_both
def test_a_client_sees_replaces_and_removes_its_registration(provider: Provider, browser: Browser) -> None:
    of = registered(provider, contacts=["me@example.org"], logo_uri="https://app.example.org/logo.png")
    seen = manage(provider, of)
    assert seen.status_code == 200
    assert seen.get_json() == {name: of[name] for name in of.keys() - {"client_secret", "client_secret_expires_at"}}
    other = "https://app.example.org/other"
    answer = manage(provider, of, "PUT", {"client_id": of["client_id"], "redirect_uris": [other], "client_name": "B"})
    changed = answer.get_json()
    assert (answer.status_code, changed["redirect_uris"], changed["client_name"]) == (200, [other], "B")
    assert not {"contacts", "logo_uri", "client_secret"} & changed.keys()
    # oidcc-redirect-uri-query-mismatch and the like: the old one is worth nothing at once.
    assert browser.open(party(provider, of).ask().url).status == 400
    client = party(provider, changed | {"client_secret": of["client_secret"]})
    tokens_ = client.sign_in(browser, scope="openid offline_access")
    assert provider.is_alive(client.sign_in(browser, scope="openid").access_token) is False
    gone = manage(provider, of, "DELETE")
    assert (gone.status_code, gone.data) == (204, b"")
    assert manage(provider, of).status_code == 401
    assert client.refresh(tokens_.body.get("refresh_token", "x")).status_code == 401
    assert provider.userinfo(tokens_.access_token).status_code == 401
    assert browser.open(client.ask().url).status == 400
    assert "An app" not in browser.open("/account/applications").text
    names = [event["name"] for event in provider.events() if event["name"].startswith("client:registration")]
    assert names == ["client:registration:created", "client:registration:changed", "client:registration:deleted"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_registration_token_opens_its_own_client_alone(provider: Provider, method: str) -> None:
    one, other = registered(provider), registered(provider)
    for token in (other["registration_access_token"], "x", one["client_secret"], initial(provider)):
        answer = manage(provider, one | {"registration_access_token": token}, method, APP)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert manage(provider, one).status_code == 200
    # It opens nothing else either.
    assert send(provider, APP, one["registration_access_token"]).status_code == 401
    assert provider.userinfo(one["registration_access_token"]).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "portal"},
        {"client_id": None},
        {"client_secret": "chosen"},
        {"client_secret": 5},
        {"registration_access_token": "x"},
        {"client_id_issued_at": 1},
    ],
    ids=str,
)
def test_what_the_server_sets_cannot_be_replaced(provider: Provider, changes: dict[str, Any]) -> None:
    of = registered(provider)
    assert refusal(manage(provider, of, "PUT", APP | {"client_id": of["client_id"]} | changes))[0] == "invalid_request"


def test_a_replacement_asks_for_no_more_than_the_initial_token_allowed(provider: Provider) -> None:
    of = registered(provider, scope="openid read:reports")
    wider = APP | {"client_id": of["client_id"], "scope": "openid write:reports"}
    assert refusal(manage(provider, of, "PUT", wider))[0] == "invalid_client_metadata"


def test_a_client_that_becomes_public_and_confidential_again_gets_a_new_secret(provider: Provider) -> None:
    of = registered(provider)
    public = manage(provider, of, "PUT", APP | {"client_id": of["client_id"], "token_endpoint_auth_method": "none"})
    assert "client_secret" not in public.get_json()
    again = manage(provider, of, "PUT", APP | {"client_id": of["client_id"]}).get_json()
    assert again["client_secret"] != of["client_secret"]
    assert party(provider, again).sign_in(provider.browser()).id_token


def test_a_change_reaches_the_other_workers(make_provider: MakeProvider) -> None:
    one, other = make_provider(), make_provider()
    of = registered(one)
    landing = other.browser().open(party(other, of).ask().url)
    assert landing.heading == "Sign in"
    manage(one, of, "DELETE")
    other.app.server.registered.refresh()
    assert other.browser().open(party(other, of).ask().url).status == 400


def test_a_client_is_looked_up_once(provider: Provider, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    of = registered(provider)
    client = party(provider, of)
    tokens_ = client.sign_in(browser, scope="openid offline_access") if "refresh_token" in of["grant_types"] else None
    client.sign_in(browser)
    looked: list[str] = []
    monkeypatch.setattr("authserver.store.registration.clients.find", lambda _, key: looked.append(key))
    assert client.sign_in(browser).id_token
    assert (looked, tokens_) == ([], None)


def test_one_that_nobody_uses_is_removed_and_one_in_use_stays(provider: Provider, browser: Browser) -> None:
    unused, used = registered(provider), registered(provider)
    provider.clock.pass_(29 * DAY)
    party(provider, used).sign_in(browser)
    provider.clock.pass_(DAY)
    clean(provider)
    assert manage(provider, unused).status_code == 401
    assert manage(provider, used).status_code == 200
    assert [event["client_id"] for event in provider.events("client:registration:expired")] == [unused["client_id"]]


def test_registration_can_be_open_or_off(make_provider: MakeProvider) -> None:
    closed = make_provider(registration="off")
    assert send(closed, APP, "x").status_code == 404
    assert "registration_endpoint" not in closed.call("GET", "/.well-known/openid-configuration").get_json()
    opened = make_provider(registration="open", registration_limit="2 per hour")
    assert [send(opened, APP).status_code for _ in range(3)] == [201, 201, 429]
    of = send(make_provider(registration="open"), APP | {"scope": "openid read:reports"})
    assert refusal(of)[0] == "invalid_client_metadata"


def test_there_is_an_end_to_how_many_are_taken(make_provider: MakeProvider) -> None:
    provider = make_provider(registered_clients=1, registration="open")
    assert [send(provider, APP).status_code for _ in range(2)] == [201, 503]


def test_a_file_cannot_declare_the_id_of_one_that_registers_itself(provider: Provider) -> None:
    of = registered(provider)
    text = provider.clients_file.read_text()
    assert not provider.declare(text.replace("client_id: notes", f"client_id: {of['client_id']}"))
    assert "begins the ids of clients that register themselves" in str(provider.app.server._registry.faults)  # type: ignore[attr-defined]


def test_what_clients_yaml_no_longer_has_a_registered_client_no_longer_gets(provider: Provider) -> None:
    of = registered(provider, scope="openid read:reports")
    client = party(provider, of)
    assert client.sign_in(provider.browser(), scope="openid read:reports", resource=REPORTS).access_token
    text = provider.clients_file.read_text()
    assert provider.declare(text.replace("read:reports", "view:reports"))
    landing = client.authorize(provider.browser(), client.ask(scope="openid", resource=REPORTS))
    assert "error" in landing.answer


@on_both
@pytest.mark.parametrize("rest", ["\x00", "é", "x" * 5000, " ", ""])
def test_an_id_that_nobody_has_is_an_unknown_client(provider: Provider, browser: Browser, rest: str) -> None:
    unknown = party(provider, registered(provider) | {"client_id": f"dcr.{rest}"})
    assert browser.open(unknown.ask().url).status == 400
