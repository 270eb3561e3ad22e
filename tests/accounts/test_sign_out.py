"""Signing out from the home page."""

from tests.accounts.site import COOKIE, ISSUER, Browser


def test_signing_out_ends_the_session_on_the_server_so_a_copied_cookie_is_dead(browser: Browser) -> None:
    browser.sign_in("ada")
    copied = str(browser.session_cookie())
    browser.visit("/")
    response = browser.submit()
    assert (response.status_code, response.headers["Location"]) == (303, f"{ISSUER}/")
    assert browser.session_cookie() is None
    browser.set_cookie(COOKIE, copied)
    assert "not signed in right now" in browser.visit("/").text


def test_signing_out_twice_does_no_harm(browser: Browser) -> None:
    browser.sign_in("ada")
    browser.visit("/")
    csrf = browser.csrf
    browser.submit()
    assert browser.post("/sign-out", data={"csrf_token": csrf}).status_code == 400


def test_neither_a_link_nor_a_form_of_another_site_signs_anybody_out(browser: Browser) -> None:
    browser.sign_in("ada")
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out").status_code == 400
    browser.visit("/")
    crossing = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for name, value in crossing.items():
        answer = browser.post("/sign-out", data={"csrf_token": browser.csrf}, headers={name: value})
        assert answer.status_code == 403
    assert "You’re signed in" in browser.visit("/").text
