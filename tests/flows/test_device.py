"""Signing in on a device without a browser: what its person sees and decides.

RFC 8628. https://www.rfc-editor.org/rfc/rfc8628
"""

import re

from tests.flows.device import Device, waiting
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING


def test_a_device_is_told_where_its_person_enters_which_code(provider: Provider) -> None:
    body = waiting(provider).body
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", body["user_code"])
    assert body["verification_uri"] == f"{provider.issuer}/device"
    assert body["verification_uri_complete"] == f"{provider.issuer}/device?user_code={body['user_code']}"
    assert (body["expires_in"], body["interval"]) == (600, 5)
    assert len(body["device_code"]) >= 43


def test_the_person_enters_the_code_signs_in_allows_and_the_device_has_its_tokens(provider: Provider) -> None:
    device, browser = waiting(provider, scope=EVERYTHING), provider.browser()
    assert device.hears() == "authorization_pending"
    page = device.entered(browser)
    assert page.heading == "Allow Living room?"
    done = browser.allow(page)
    assert (done.heading, done.is_outside) == ("Your device is connected", False)
    tokens = device.tokens()
    assert tokens.access_claims["sub"] == tokens.id_claims["sub"] == provider.people["ada"]
    assert (tokens.access_claims["client_id"], tokens.body["scope"].split()) == ("tv", EVERYTHING.split())
    assert provider.is_alive(device.client.refreshed(tokens).access_token)


def test_the_page_names_client_place_and_access_and_warns_of_whoever_sent_a_code(provider: Provider) -> None:
    client = provider.client("tv")
    body = client.post("/device_authorization", {"scope": "openid email"}, address="203.0.113.77").get_json()
    page = Device(client, body).entered(provider.browser())
    for said in (
        "Living room",
        "203.0.113.77",
        "a different network",
        "See your email address",
        "Write reports",
        "Deny this if someone sent you the code",
    ):
        assert said in page.page.words, said


def test_a_device_in_the_same_network_is_not_called_a_stranger(provider: Provider) -> None:
    page = waiting(provider).entered(provider.browser("198.51.100.8"))
    assert "198.51.100.8" in page.page.words
    assert "different network" not in page.page.words


def test_a_link_with_the_code_shows_it_and_does_nothing_by_itself(provider: Provider) -> None:
    device, browser = waiting(provider), provider.browser()
    page = browser.open(device.body["verification_uri_complete"])
    assert (page.heading, page.page.form.fields["user_code"]) == ("Connect a device", device.user_code)
    assert "exactly this code" in page.page.words
    assert device.hears() == "authorization_pending"
    landing = browser.sign_in(browser.submit(page, "Continue"), "ada")
    assert browser.allow(landing).heading == "Your device is connected"
    assert device.tokens().access_claims["sub"] == provider.people["ada"]


def test_it_is_confirmed_each_time_be_the_client_the_houses_own_and_the_person_signed_in(provider: Provider) -> None:
    browser = provider.browser()
    waiting(provider).allowed(browser)
    again = waiting(provider)
    assert again.entered(browser).heading == "Allow Living room?"
    assert again.hears() == "authorization_pending"


def test_the_person_may_refuse_and_the_device_hears_of_it(provider: Provider) -> None:
    device, browser = waiting(provider), provider.browser()
    page = browser.deny(device.entered(browser))
    assert (page.heading, page.is_outside) == ("Nothing was allowed", False)
    assert device.hears() == device.hears() == "access_denied"
    entered = browser.submit(browser.open("/device"), "Continue", user_code=device.user_code)
    assert "No device is waiting" in entered.page.words
    assert [event["client_id"] for event in provider.events("authorization:request:denied")] == ["tv"]


def test_deny_by_the_back_button_takes_back_what_was_allowed(provider: Provider) -> None:
    device, browser = waiting(provider), provider.browser()
    page = device.entered(browser)
    browser.allow(page)
    assert browser.deny(page).heading == "Nothing was allowed"
    assert device.hears() == "access_denied"


def test_allow_twice_is_one_answer(provider: Provider) -> None:
    device, browser = waiting(provider), provider.browser()
    page = device.entered(browser)
    assert browser.allow(page).heading == browser.allow(page).heading == "Your device is connected"
    assert device.tokens().access_token
    assert browser.allow(page).heading == "Your device is connected"


def test_of_two_people_who_enter_one_code_the_first_who_allows_decides(provider: Provider) -> None:
    device, ada, mia = waiting(provider), provider.browser(), provider.browser()
    of_mia = device.entered(mia, "mia")
    device.allowed(ada, "ada")
    late = mia.allow(of_mia)
    assert (late.status, late.heading) == (400, "This code no longer works")
    # Nor can the other take it back.
    assert mia.deny(of_mia).heading == "Nothing was allowed"
    assert device.tokens().access_claims["sub"] == provider.people["ada"]


def test_a_person_whose_roles_do_not_open_the_client_is_refused_and_so_is_the_device(provider: Provider) -> None:
    provider.amend("    name: Living room\n", "    name: Living room\n    allow: {roles: [admin]}\n")
    device, browser = waiting(provider), provider.browser()
    page = device.entered(browser)
    assert page.heading == "No access to Living room"
    assert browser.submit(page).heading == "Nothing was allowed"
    assert device.hears() == "access_denied"


def test_another_browser_cannot_go_on_with_a_request(provider: Provider) -> None:
    device, browser = waiting(provider), provider.browser()
    page = device.entered(browser)
    other = provider.browser()
    assert other.open(page.url).heading == "This sign-in has expired"
    assert other.open(page.url.replace("/consent?request=", "/authorize/").partition("&")[0]).status == 400
