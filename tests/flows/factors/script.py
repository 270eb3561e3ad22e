"""What the script of the pages does with an authenticator, without a browser."""

import json
from typing import Any

from tests.flows.browser import Browser, Landing
from tests.flows.factors.authenticator import Authenticator
from tests.flows.provider import Provider

LIST = "Two-factor authentication"


def options_of(landing: Landing) -> dict[str, Any]:
    """What the page asks a browser's authenticators for."""
    (found,) = (each for tag, each in landing.page.elements if tag == "button" and "data-passkey" in each)
    options: dict[str, Any] = json.loads(found["data-options"] or "")
    return options


def action_of(landing: Landing) -> str:
    (found,) = (each for tag, each in landing.page.elements if tag == "button" and "data-passkey" in each)
    return found["formaction"] or ""


def send(browser: Browser, landing: Landing, credential: str, **fields: str) -> Landing:
    """Send the form by way of the passkey's button, as the script does."""
    form = landing.page.form_with({"credential"})
    form.action = action_of(landing)
    return browser.submit(landing, form=form, credential=credential, **fields)


def add(provider: Provider, browser: Browser, username: str = "ada", **given: Any) -> Authenticator:
    """A passkey of a person, who signs in for it with a password."""
    authenticator = Authenticator(browser.origin, **given)
    landing = browser.open("/account/factors/passkey")
    if landing.heading == "Sign in":
        browser.sign_in(landing, username)
        landing = browser.open("/account/factors/passkey")
    done = send(browser, landing, authenticator.create(options_of(landing)))
    assert done.heading in {"Your recovery codes", LIST}, done.page.words
    return authenticator


def use(browser: Browser, authenticator: Authenticator, url: str = "/sign-in") -> Landing:
    landing = browser.open(url)
    return send(browser, landing, authenticator.get(options_of(landing)))
