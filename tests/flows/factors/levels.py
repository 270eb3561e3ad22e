"""Levels of authentication, and how a test asks for one."""

import json

from tests.flows.browser import Browser, Landing
from tests.flows.factors.phone import ASKED, Phone
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty, Tokens

LEVELS = """
acr:
  bronze: {any: [pwd, passkey]}
  silver: {any: [passkey, [pwd, otp]]}
  gold: {phishing_resistant: true}
"""
SET_UP = "You need another factor"
UNMET = "unmet_authentication_requirements"


def declare(provider: Provider, levels: str = LEVELS) -> None:
    """Declare levels."""
    provider.amend("default_role: user\n", f"default_role: user\n{levels}")


def require(provider: Provider, where: str, level: str = "silver") -> None:
    """Have the portal, or the API of reports, require a level."""
    before = {"portal": "    name: Team portal\n", "reports": "    audience: https://reports.example.com\n"}[where]
    provider.amend(before, f"{before}    require_acr: {level}\n")


def essential(*values: str) -> str:
    """The claims parameter that demands one of these levels."""
    return json.dumps({"id_token": {"acr": {"essential": True, "values": list(values)}}})


def stepped_up(browser: Browser, client: RelyingParty, phone: Phone, **asked: str) -> Tokens:
    """What a client gets of a person who is signed in, and is asked for a code alone."""
    attempt = client.ask(**asked)
    landing = browser.open(attempt.url)
    assert landing.heading == ASKED, landing.page.words
    return client.finish(attempt, browser.submit(landing, code=phone.next_code()))


def signed_in(browser: Browser, client: RelyingParty, phone: Phone, **asked: str) -> tuple[Landing, Tokens]:
    """A person who signs in with both factors."""
    attempt = client.ask(**asked)
    halfway = browser.sign_in(browser.open(attempt.url), "ada")
    landing = browser.submit(halfway, code=phone.next_code())
    landing = browser.allow(landing) if "Allow" in landing.heading else landing
    return halfway, client.finish(attempt, landing)
