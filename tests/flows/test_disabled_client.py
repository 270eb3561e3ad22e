"""An administrator disables a client that registered itself, and enables it again."""

import pytest

from authserver.store.allowed import consents
from authserver.store.registration import clients
from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import on_both
from tests.flows.listening import clean
from tests.flows.provider import Provider
from tests.flows.registering import APP, DAY, manage, party, refusal, registered
from tests.store.at_once import at_once


def switch(provider: Provider, client_id: str, *, disable: bool) -> bool:
    """As pages, API and command line do it."""
    with provider.database.write() as connection:
        done = (clients.disable if disable else clients.enable)(connection, client_id, provider.clock.now)
    provider.app.server.registered.changed(client_id)
    return done


@on_both
def test_it_is_refused_everywhere_and_its_tokens_are_dead(provider: Provider, browser: Browser) -> None:
    grants = ["authorization_code", "refresh_token"]
    of = registered(provider, scope="openid offline_access", grant_types=grants)
    client = party(provider, of)
    held = client.sign_in(browser, scope="openid offline_access")
    assert provider.userinfo(held.access_token).status_code == 200
    attempt = client.ask()
    code = client.authorize(browser, attempt).answer["code"]
    assert switch(provider, of["client_id"], disable=True)
    assert browser.open(client.ask().url).status == 400
    assert "An administrator disabled this client." in browser.open(client.ask().url).text
    secret = {"client_id": of["client_id"], "client_secret": of["client_secret"]}
    for path, form in {
        "/token": {"grant_type": "refresh_token", "refresh_token": str(held.refresh_token)},
        "/par": client.ask().parameters,
        "/introspect": {"token": held.access_token},
        "/revoke": {"token": held.access_token},
        "/device_authorization": {"scope": "openid"},
    }.items():
        answer = provider.call("POST", path, data={**form, **secret})
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client"), path
    assert provider.userinfo(held.access_token).status_code == 401
    failed = provider.events("client:authentication:failed")[0]
    assert failed["reason"] == "disabled by an administrator"
    assert switch(provider, of["client_id"], disable=False)
    assert client.refresh(str(held.refresh_token)).status_code == 400
    assert client.redeem(attempt, code).status_code == 400
    assert provider.userinfo(held.access_token).status_code == 401
    assert client.sign_in(browser, scope="openid offline_access").id_token


@on_both
def test_once_enabled_nobody_is_asked_again_what_they_allowed(provider: Provider, browser: Browser) -> None:
    of = registered(provider)
    party(provider, of).sign_in(browser)
    switch(provider, of["client_id"], disable=True)
    assert "An app" in browser.open("/account/applications").text
    switch(provider, of["client_id"], disable=False)
    with provider.database.read() as connection:
        assert consents.find(connection, provider.people["ada"], of["client_id"]).scope


def test_it_cannot_manage_itself(provider: Provider) -> None:
    of = registered(provider)
    switch(provider, of["client_id"], disable=True)
    for method in ("GET", "PUT", "DELETE"):
        answer = manage(provider, of, method, APP | {"client_id": of["client_id"]})
        assert refusal(answer, 403)[0] == "access_denied"
    stranger = of | {"registration_access_token": "x"}
    assert manage(provider, stranger).status_code == 401
    switch(provider, of["client_id"], disable=False)
    assert manage(provider, of).status_code == 200


@on_both
def test_of_many_who_disable_it_at_once_one_does(provider: Provider) -> None:
    of = registered(provider)

    def disable(_number: int) -> bool:
        with provider.database.write() as connection:
            return clients.disable(connection, of["client_id"], provider.clock.now)

    assert sorted(at_once(disable, 4)) == [False, False, False, True]


def test_a_replacement_of_before_does_not_bring_it_back(provider: Provider) -> None:
    of = registered(provider)
    with provider.database.read() as connection:
        seen = clients.find(connection, of["client_id"])
    assert seen is not None
    switch(provider, of["client_id"], disable=True)
    with provider.database.write() as connection:
        assert not clients.replace(connection, seen, seen.metadata, secret_digest=seen.secret_digest)


def test_the_other_workers_refuse_it_and_what_one_let_through_ends(make_provider: MakeProvider) -> None:
    one, other = make_provider(), make_provider()
    of = registered(one)
    at_other, browser = party(other, of), other.browser()
    assert at_other.sign_in(browser).id_token
    switch(one, of["client_id"], disable=True)
    slipped = at_other.sign_in(browser).access_token
    other.app.server.registered.refresh()
    assert browser.open(at_other.ask().url).status == 400
    switch(one, of["client_id"], disable=False)
    assert one.userinfo(slipped).status_code == 401


def test_it_is_not_removed_as_unused(provider: Provider) -> None:
    of = registered(provider)
    switch(provider, of["client_id"], disable=True)
    provider.clock.pass_(31 * DAY)
    clean(provider)
    assert switch(provider, of["client_id"], disable=False)
    clean(provider)
    assert manage(provider, of).status_code == 200


@pytest.mark.parametrize("disable", [True, False])
def test_one_that_is_not_there_or_is_so_already_is_left_alone(provider: Provider, disable: bool) -> None:
    of = registered(provider)
    for client_id in ("dcr.x", "portal", *([] if disable else [of["client_id"]])):
        assert not switch(provider, client_id, disable=disable)


def test_a_page_in_a_browser_of_a_disabled_one_gets_no_cors(provider: Provider) -> None:
    of = registered(provider, token_endpoint_auth_method="none")
    origin = {"Origin": "https://app.example.org"}
    assert "Access-Control-Allow-Origin" in provider.call("POST", "/token", headers=origin).headers
    switch(provider, of["client_id"], disable=True)
    assert "Access-Control-Allow-Origin" not in provider.call("POST", "/token", headers=origin).headers
