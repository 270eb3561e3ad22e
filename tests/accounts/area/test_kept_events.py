"""What changes an account stands among the events as soon as it is done: a process killed right after loses nothing."""

from typing import Any

import pytest

from authserver.events import Recorder
from tests.accounts.area.steps import NEW, allow, told
from tests.accounts.post import letter
from tests.accounts.site import PASSWORD, Browser, Site


@pytest.fixture(autouse=True)
def killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No batch is ever written, as if each process were killed within half a second of its answer."""

    def lose(_self: Recorder, _row: dict[str, Any]) -> None:
        pass

    monkeypatch.setattr(Recorder, "record", lose)


def test_a_sign_in_and_a_sign_out_are_kept(site: Site, browser: Browser) -> None:
    browser.visit("/")
    browser.post("/sign-out", data={"csrf_token": browser.csrf})
    assert told(site) == ["user:login:succeeded", "user:logout:done"]


def test_a_changed_password_is_kept_and_is_no_further_sign_in(site: Site, browser: Browser) -> None:
    browser.visit("/account/password")
    assert browser.submit(current_password=PASSWORD, password=NEW).status_code == 303
    assert told(site) == ["user:login:succeeded", "user:password:changed", "user:sessions:ended"]


def test_a_changed_address_is_kept(site: Site, browser: Browser) -> None:
    browser.visit("/account/email")
    browser.visit(browser.submit(email="ada@new.example").headers["Location"])
    browser.submit(code=letter(site, "verify").code)
    assert told(site)[-1] == "user:email:changed"


def test_a_saved_profile_is_kept(site: Site, browser: Browser) -> None:
    browser.visit("/account/profile")
    browser.submit(name="Ada King")
    assert told(site)[-1] == "user:profile:changed"


def test_other_sessions_that_were_ended_are_kept(site: Site, browser: Browser) -> None:
    site.browser().sign_in("ada")
    browser.visit("/account/sessions")
    browser.submit(end="others")
    assert told(site)[-1] == "user:sessions:ended"


def test_access_that_was_taken_back_is_kept(site: Site, browser: Browser) -> None:
    allow(browser)
    browser.visit("/account/applications")
    browser.submit(client_id="portal")
    assert told(site)[-1] == "user:access:withdrawn"


def test_a_deleted_account_is_kept(site: Site, browser: Browser) -> None:
    browser.visit("/account/delete")
    browser.submit(sure="y")
    assert told(site)[-2:] == ["user:account:deleted", "user:sessions:ended"]
