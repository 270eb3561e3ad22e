"""A session that is begun is worth nothing at any page but those that complete it, and an answer is checked once."""

from typing import Any

import pytest
import webauthn.authentication.verify_authentication_response as verification

from authserver.signin.factors import ceremony
from tests.flows.browser import Browser, Landing
from tests.flows.factors.authenticator import Authenticator
from tests.flows.factors.phone import Phone, halfway
from tests.flows.factors.script import use
from tests.flows.provider import Provider

COMPLETE = {"/sign-in/factor", "/sign-in/set-up"}
RULE = "second_factor: {required_from: 2027-01-01}\n"


def pages(provider: Provider) -> list[str]:
    """Every page that has an address of its own."""
    rules = provider.app.url_map.iter_rules()
    found = sorted({rule.rule for rule in rules if not rule.arguments} - COMPLETE)
    assert len(found) > 40
    return found


def by_get(browser: Browser, path: str) -> Landing:
    return browser.open(path)


def by_post(browser: Browser, path: str) -> Landing:
    token = browser.open("/forgot").page.form.fields["csrf_token"]
    return browser.post(path, {"csrf_token": token}, Origin=browser.origin, Sec_Fetch_Site="same-origin")


@pytest.mark.parametrize("act", [by_get, by_post])
@pytest.mark.parametrize("must_set_up", [False, True])
def test_every_other_page_answers_as_to_a_stranger(
    provider: Provider, phone: Phone, act: Any, must_set_up: bool
) -> None:
    if must_set_up:
        provider.amend("default_role: user\n", f"default_role: user\n{RULE}")
    begun, stranger = provider.browser(), provider.browser()
    if must_set_up:
        assert begun.sign_in(begun.open("/sign-in"), "root").heading == "Set up a second factor"
    else:
        halfway(begun, begun.open("/sign-in"))
    before = {name: len(provider.events(name)) for name in ("user:login:succeeded", "user:factor:added")}
    for path in pages(provider):
        if path == "/sign-out":
            continue
        told, expected = act(begun, path), act(stranger, path)
        assert (told.status, told.heading) == (expected.status, expected.heading), path
        assert "root@example.com" not in told.text
        assert begun.cookie("authserver_session") is None, path
    assert before == {name: len(provider.events(name)) for name in before}


def test_an_answer_of_a_passkey_is_parsed_and_verified_once(
    provider: Provider, browser: Browser, key: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def count(module: Any, name: str) -> None:
        real = getattr(module, name)

        def counted(*given: Any, **named: Any) -> Any:
            calls.append(name)
            return real(*given, **named)

        monkeypatch.setattr(module, name, counted)

    count(ceremony, "parse_authentication_credential_json")
    count(verification, "parse_authentication_credential_json")
    count(verification, "decode_credential_public_key")
    count(verification, "verify_signature")
    assert use(browser, key).heading != "Sign in"
    assert sorted(calls) == [
        "decode_credential_public_key",
        "parse_authentication_credential_json",
        "verify_signature",
    ]
