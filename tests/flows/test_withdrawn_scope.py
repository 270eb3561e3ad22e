"""One scope taken back: gone at the next refresh, and at introspection and userinfo at once (OWASP ASVS 10.7.3)."""

from typing import Any

import pytest

from authserver.protocol.interaction import Step
from authserver.protocol.token.withdrawn import whole_apis
from authserver.signin.next_step import next_step
from authserver.store.allowed import applications, narrowing
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, USERS
from tests.flows.relying_party import EVERYTHING, RelyingParty


def withdraw(browser: Browser, scope: str) -> None:
    page = browser.open("/account/applications")
    assert f'value="{scope}"' in page.text
    assert browser.submit(page, form=page.page.forms[-1], scope=scope).heading == "Applications"
    assert f'value="{scope}"' not in browser.open("/account/applications").text


@on_both
@pytest.mark.parametrize("whole", [False, True])
def test_what_is_withdrawn_while_a_request_is_answered_is_asked_for_again(
    provider: Provider, browser: Browser, portal: RelyingParty, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    portal.sign_in(browser, scope="openid read:reports")
    server, ada = provider.app.server, provider.people["ada"]
    decided: list[Step] = []

    def decide(*given: Any, **known: Any) -> Step:
        step = next_step(*given, **known)
        if not decided:
            # It was looked up and decided; in another tab, the person takes it back.
            decided.append(step)
            registry = server.registry
            with server.database.write() as connection:
                if whole:
                    applications.withdraw(connection, ada, "portal", server.now())
                else:
                    apis = whole_apis(registry, registry.client("portal"))
                    word = f"{REPORTS}#read:reports"
                    narrowing.withdraw_scope(
                        connection, ada, "portal", word, server.now(), whole=apis, known=registry.known
                    )
        return step

    for module in ("at_once", "answer"):
        decided.clear()
        with monkeypatch.context() as patched:
            patched.setattr(f"authserver.authorize.{module}.next_step", decide)
            # What needs a form leaves the short way out.
            mode = "query" if module == "at_once" else "form_post"
            attempt = portal.ask(scope="openid read:reports", response_mode=mode)
            landing = browser.open(attempt.url)
        assert decided == [Step.ISSUE]
        assert landing.heading == "Allow Team portal?"
        browser.allow(landing)


@on_both
def test_a_permission_that_was_asked_for_is_withdrawn_by_itself(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=f"{EVERYTHING} read:reports write:reports")
    withdraw(browser, f"{REPORTS}#write:reports")
    answer = provider.introspect(tokens.access_token)
    assert (answer["active"], answer["permissions"]) == (True, ["read:reports"])
    assert answer["scope"] == f"{EVERYTHING} read:reports"
    refreshed = portal.refreshed(tokens)
    assert refreshed.body["scope"] == f"{EVERYTHING} read:reports"
    assert refreshed.access_claims["permissions"] == ["read:reports"]
    refused = portal.refresh(refreshed.refresh_token, scope="write:reports")
    assert refused.get_json()["error"] == "invalid_scope"
    # It is asked for anew, and the rest is not.
    page = browser.open(portal.ask(scope=f"{EVERYTHING} read:reports write:reports").url)
    new, _, before = page.page.words.partition("What you already allowed")
    assert ("Write reports" in new, "Read reports" in new, "Read reports" in before) == (True, False, True)
    assert "See your email address" in before
    assert browser.open(portal.ask(scope="openid read:reports").url).is_outside


@on_both
def test_one_permission_of_an_api_that_was_allowed_as_a_whole_leaves_the_rest(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access")
    withdraw(browser, f"{REPORTS}#read:reports")
    answer = provider.introspect(tokens.access_token)
    # What is left is narrowed, so that it says no roles either.
    assert (answer["permissions"], "roles" in answer) == (["write:reports"], False)
    refreshed = portal.refreshed(tokens)
    assert (refreshed.access_claims["permissions"], "roles" in refreshed.access_claims) == (["write:reports"], False)
    assert portal.refreshed(refreshed, resource=USERS).access_claims["permissions"] == ["read:users"]
    assert browser.open(portal.ask(scope="openid offline_access").url).heading == "Allow Team portal?"
    assert browser.open(portal.ask(scope="openid write:reports").url).is_outside


@on_both
def test_the_last_permission_of_an_api_leaves_nothing_and_never_everything(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access read:reports")
    withdraw(browser, f"{REPORTS}#read:reports")
    assert provider.introspect(tokens.access_token)["permissions"] == []
    refreshed = portal.refreshed(tokens)
    assert (refreshed.access_claims["permissions"], "roles" in refreshed.access_claims) == ([], False)


@on_both
def test_a_scope_of_claims_takes_them_from_userinfo_at_once_single_ones_too(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    claims = '{"userinfo": {"email": null, "name": null}, "id_token": {"email": null}}'
    tokens = portal.sign_in(browser, scope="openid email offline_access", claims=claims)
    assert provider.userinfo(tokens.access_token).get_json().keys() >= {"email", "name"}
    withdraw(browser, "email")
    told = provider.userinfo(tokens.access_token).get_json()
    assert ("email" in told, "name" in told) == (False, True)
    assert provider.introspect(tokens.access_token)["scope"] == "openid offline_access"
    refreshed = portal.refreshed(tokens)
    assert refreshed.body["scope"] == "openid offline_access"
    assert "email" not in refreshed.id_claims
    assert "email" not in provider.userinfo(refreshed.access_token).get_json()


@on_both
def test_without_offline_access_what_lives_ends_with_the_session(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access")
    withdraw(browser, "offline_access")
    tokens = portal.refreshed(tokens)
    assert tokens.body["scope"] == "openid"
    browser.open(f"/end_session?id_token_hint={tokens.id_token}")
    assert not provider.is_alive(tokens.access_token)
    assert portal.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"


def test_only_what_is_listed_can_be_withdrawn_and_the_sign_in_only_as_a_whole(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access")
    page = browser.open("/account/applications")
    for scope in ("openid", "", "email", f"{REPORTS}#nonsense", "#", "read:reports", f"{USERS}#write:users"):
        assert browser.submit(page, form=page.page.forms[-1], scope=scope).heading == "Applications"
        assert provider.introspect(tokens.access_token)["permissions"] == ["read:reports", "write:reports"]
    assert browser.submit(page, form=page.page.forms[-1]).heading == "Applications"
    assert not provider.is_alive(tokens.access_token)


def test_nobody_withdraws_what_another_person_allowed(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access read:reports")
    other = provider.browser()
    portal.sign_in(other, "mia", scope="openid read:reports")
    withdraw(other, f"{REPORTS}#read:reports")
    assert provider.introspect(tokens.access_token)["permissions"] == ["read:reports"]
