"""Whatever bytes stand in for CBOR, COSE, or what an authenticator signs: refused in words, and nothing is kept."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flows.browser import Browser, Landing
from tests.flows.factors.authenticator import Authenticator, data, text
from tests.flows.factors.script import options_of, send
from tests.flows.provider import Provider

SOME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
KEYS = st.integers(-70000, 70000) | st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary(max_size=40) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
COSE = st.dictionaries(st.sampled_from([1, 3, -1, -2, -3, 2, 4]), VALUES, max_size=7) | VALUES
OBJECTS = st.fixed_dictionaries(
    {"authData": st.binary(max_size=200) | VALUES},
    optional={
        "fmt": st.sampled_from(["none", "packed", "tpm", "android-key", "apple", "fido-u2f"]) | VALUES,
        "attStmt": VALUES,
    },
)
Page = tuple[Browser, Landing]


@pytest.fixture
def page(provider: Provider) -> Page:
    """Where Ada adds a passkey."""
    browser = provider.browser()
    browser.sign_in(browser.open("/sign-in"), "ada")
    return browser, browser.open("/account/factors/passkey")


def bent(whole: bytes, at: int, by: int, cut: int) -> bytes:
    """With one byte changed, and its end cut off."""
    place = at % len(whole)
    changed = whole[:place] + bytes([whole[place] ^ (by or 1)]) + whole[place + 1 :]
    return changed[: len(changed) - cut]


def refused(provider: Provider, page: Page, attestation: str) -> None:
    browser, landing = page
    sent = json.loads(Authenticator(browser.origin).create(options_of(landing)))
    sent["response"]["attestationObject"] = attestation
    answer = send(browser, landing, json.dumps(sent))
    assert (answer.status, "couldn’t be added" in answer.page.words) == (400, True)
    assert not provider.events("user:factor:added")


@SOME
@given(st.one_of(COSE.map(lambda cose: {"cose": cose}), OBJECTS))
def test_a_registration_of_other_cbor_adds_nothing(provider: Provider, page: Page, changed: dict[str, Any]) -> None:
    browser, landing = page
    made = json.loads(Authenticator(browser.origin).create(options_of(landing), **changed))
    refused(provider, page, made["response"]["attestationObject"])


@SOME
@given(st.binary(max_size=400))
def test_bytes_that_are_no_attestation_at_all_add_nothing(provider: Provider, page: Page, junk: bytes) -> None:
    refused(provider, page, text(junk))


@SOME
@given(
    st.integers(0, 5000), st.integers(1, 255), st.integers(0, 8), st.sampled_from(["authenticatorData", "signature"])
)
def test_a_byte_that_is_changed_opens_nothing(
    provider: Provider, key: Authenticator, at: int, by: int, cut: int, member: str
) -> None:
    browser = provider.browser(f"198.51.{at % 200}.{by}")
    landing = browser.open("/sign-in")
    sent = json.loads(key.get(options_of(landing)))
    sent["response"][member] = text(bent(data(sent["response"][member]), at, by, cut))
    assert send(browser, landing, json.dumps(sent)).status in {400, 429}
    assert browser.cookie("authserver_session") is None
