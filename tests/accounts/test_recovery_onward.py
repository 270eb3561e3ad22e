"""After a forgotten password: on to the application that the person was on the way to."""

from urllib.parse import urlencode

from tests.accounts.conftest import MakeSite
from tests.accounts.post import letter
from tests.accounts.site import CLIENTS

NEW = "Another horse 99?"


def test_who_was_on_the_way_to_an_application_is_led_to_where_its_sign_in_begins(make_site: MakeSite) -> None:
    begins = "https://portal.example.com/login?from=here"
    site = make_site(clients=CLIENTS.replace("type: spa", f'type: spa\n    initiate_login_uri: "{begins}"'))
    site.add("ada", "ada@example.com")
    browser = site.browser()
    asked = {
        "response_type": "code",
        "client_id": "portal",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    waiting = browser.get(f"/authorize?{urlencode(asked)}").headers["Location"]
    browser.visit(waiting.replace("/sign-in", "/forgot"))
    assert browser.submit(username="ada").status_code == 200
    # The mail is read elsewhere, where nothing is known of the request.
    elsewhere = site.browser()
    elsewhere.visit(letter(site, "reset").link)
    done = elsewhere.visit(elsewhere.submit(password=NEW).headers["Location"])
    assert f'href="{begins}&amp;iss=http%3A%2F%2Flocalhost%3A8080"' in done.text
    assert "Sign in to Team" in done.text
