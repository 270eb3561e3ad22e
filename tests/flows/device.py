"""A device: it asks for a code, shows it to its person, and polls for the answer."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.flows.browser import Browser, Landing
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty, Tokens

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class Device:
    """One device that waits, and what it was told."""

    client: RelyingParty
    body: dict[str, Any]

    @property
    def user_code(self) -> str:
        return str(self.body["user_code"])

    @property
    def device_code(self) -> str:
        return str(self.body["device_code"])

    def poll(self, **data: str) -> TestResponse:
        return self.client.post("/token", {"grant_type": DEVICE_CODE, "device_code": self.device_code} | data)

    def hears(self, **data: str) -> str:
        """The error of a poll, by the code that RFC 8628 has for it."""
        response = self.poll(**data)
        assert response.status_code == 400, response.text
        return str(response.get_json()["error"])

    def tokens(self, **data: str) -> Tokens:
        return self.client.tokens(self.poll(**data))

    def entered(self, browser: Browser, username: str = "ada", *, code: str | None = None) -> Landing:
        """Where the person is once they have entered the code and signed in, if they had to."""
        landing = browser.submit(browser.open("/device"), "Continue", user_code=code or self.user_code)
        return browser.sign_in(landing, username) if landing.heading == "Sign in" else landing

    def allowed(self, browser: Browser, username: str = "ada") -> Landing:
        return browser.allow(self.entered(browser, username))


def waiting(provider: Provider, client_id: str = "tv", **data: str) -> Device:
    """A device that has asked."""
    client = provider.client(client_id)
    response = client.post("/device_authorization", data)
    assert response.status_code == 200, response.text
    return Device(client, response.get_json())
