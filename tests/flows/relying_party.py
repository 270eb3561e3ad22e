"""A relying party: it sends browsers to the server, checks what comes back, and exchanges codes for tokens."""

import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from werkzeug.test import TestResponse

from tests.flows.assertions import JWT_BEARER, assertion
from tests.flows.browser import Browser, Landing

if TYPE_CHECKING:
    from tests.flows.provider import Provider

EVERYTHING = "openid profile email offline_access"
# What a client gets that lists them all, as intranet does.
ALL_SCOPES = "openid profile email address phone offline_access"


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 §4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def basic(client_id: str, secret: str) -> str:
    """An Authorization header (RFC 6749 §2.3.1: both parts form-encoded first)."""
    return "Basic " + b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One authorization request and what the client keeps of it."""

    url: str
    parameters: dict[str, str]
    verifier: str

    @property
    def state(self) -> str:
        return self.parameters["state"]

    @property
    def nonce(self) -> str:
        return self.parameters["nonce"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A successful token response; claims come verified with the published keys."""

    provider: "Provider"
    client_id: str
    body: dict[str, Any]

    @property
    def access_token(self) -> str:
        return str(self.body["access_token"])

    @property
    def refresh_token(self) -> str:
        return str(self.body["refresh_token"])

    @property
    def id_token(self) -> str:
        return str(self.body["id_token"])

    @property
    def access_claims(self) -> dict[str, Any]:
        return self.provider.verify(self.access_token, "at+jwt")

    @property
    def id_claims(self) -> dict[str, Any]:
        return self.provider.verify(self.id_token, "JWT", audience=self.client_id)

    def id_claims_at(self, now: int) -> dict[str, Any]:
        """The claims of an ID token whose time may be over."""
        return self.provider.verify(self.id_token, "JWT", audience=self.client_id, now=now)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A registered client and how it authenticates."""

    provider: "Provider"
    client_id: str
    redirect_uri: str
    method: str
    secret: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def ask(self, **changes: str | None) -> Attempt:
        """A new authorization request; a parameter changed to None is left out."""
        verifier = secrets.token_urlsafe(32)
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        sent = {name: value for name, value in (parameters | changes).items() if value is not None}
        return Attempt(f"{self.provider.issuer}/authorize?{urlencode(sent)}", sent, verifier)

    def push(self, attempt: Attempt, **changes: str) -> TestResponse:
        """Push an authorization request (RFC 9126)."""
        return self.post("/par", attempt.parameters | changes)

    def pushed(self, attempt: Attempt) -> Attempt:
        """The same request, pushed: its URL names nothing but the client and the request."""
        response = self.push(attempt)
        assert response.status_code == 201, response.text
        query = urlencode({"client_id": self.client_id, "request_uri": response.get_json()["request_uri"]})
        return replace(attempt, url=f"{self.provider.issuer}/authorize?{query}")

    def post(self, path: str, data: Mapping[str, Any], **headers: str) -> TestResponse:
        """Call an endpoint, authenticated as registered."""
        body, headers = dict(data), {**self.headers, **headers}
        if self.method == "client_secret_basic":
            headers.setdefault("Authorization", basic(self.client_id, self.secret))
        else:
            body.setdefault("client_id", self.client_id)
        if self.method == "client_secret_post":
            body.setdefault("client_secret", self.secret)
        if self.method == "private_key_jwt":
            made = assertion(self.client_id, self.provider.issuer, self.provider.clock.now)
            body = {"client_assertion_type": JWT_BEARER, "client_assertion": made} | body
        return self.provider.post(path, body, **headers)

    def redeem(self, attempt: Attempt, code: str, **changes: str | None) -> TestResponse:
        """Exchange a code; a parameter changed to None is left out."""
        data: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.parameters.get("redirect_uri"),
            "code_verifier": attempt.verifier,
        }
        return self.post("/token", {name: value for name, value in (data | changes).items() if value is not None})

    def refresh(self, refresh_token: str, **data: str) -> TestResponse:
        return self.post("/token", {"grant_type": "refresh_token", "refresh_token": refresh_token} | data)

    def refreshed(self, tokens: Tokens, **data: str) -> Tokens:
        """The tokens of a refresh that succeeds."""
        return self.tokens(self.refresh(tokens.refresh_token, **data))

    def revoke(self, token: str, **data: str) -> TestResponse:
        return self.post("/revoke", {"token": token} | data)

    def tokens(self, response: TestResponse) -> Tokens:
        """A token response that succeeded."""
        assert response.status_code == 200, response.text
        body = response.get_json()
        assert body["token_type"] == "Bearer"
        return Tokens(self.provider, self.client_id, body)

    def finish(self, attempt: Attempt, landing: Landing) -> Tokens:
        """Check an authorization response as a careful client does, and redeem its code."""
        answer = landing.answer
        assert "error" not in answer, answer
        assert answer.get("state") == attempt.parameters.get("state")
        assert answer["iss"] == self.provider.issuer
        return self.tokens(self.redeem(attempt, answer["code"]))

    def authorize(self, browser: Browser, attempt: Attempt, username: str = "ada") -> Landing:
        """Go through whatever the server asks: sign in, allow."""
        landing = browser.open(attempt.url)
        if landing.heading == "Sign in":
            landing = browser.sign_in(landing, username)
        if landing.heading.startswith("Allow "):
            landing = browser.allow(landing)
        return landing

    def sign_in(self, browser: Browser, username: str = "ada", **changes: str | None) -> Tokens:
        """A whole flow."""
        attempt = self.ask(**changes)
        return self.finish(attempt, self.authorize(browser, attempt, username))
