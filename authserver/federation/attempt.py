"""One way to a provider and back: what is kept of it while the browser is away, and what it came to.

What is kept lies sealed, since it holds secrets, and comes back once, in the browser that was sent (RFC 9700 §4.7).
"""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import structlog
from flask import Response

from authserver.events import emit
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.redirect import see_page
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.vouched import Vouched
from authserver.signin.next_step import to_sign_in
from authserver.signin.visit import Visit
from authserver.store import Connection
from authserver.store.upstream import federation_attempts
from authserver.store.upstream.federation_attempts import Purpose, SealedAttempt

UNREADABLE = "sealed under a master key that is not given any more"
ANOTHER_RELEASE = "kept by another release, which knows more about it"
_log = structlog.get_logger("authserver")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh the sign-in at the provider must be: at most `max_age` seconds old, or made for this very attempt."""

    max_age: int | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """What an answer is checked against, and where the person goes then.

    `sub` is who is to be linked or must prove to be; `vouched` what the provider said of who must prove that.
    """

    verifier: str = field(default="", repr=False)
    nonce: str = field(default="", repr=False)
    handle: str | None = field(default=None, repr=False)
    to: str | None = None
    sub: str | None = None
    # By this name it lies in databases: nodes of two releases read what the other has sealed.
    demand: Freshness | None = None
    target: str | None = None
    vouched: dict[str, Any] | None = None
    tokens: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One browser's attempt at a provider, under its state. `created_at` is in seconds since the epoch."""

    provider: Provider
    purpose: Purpose
    state: str = field(repr=False)
    created_at: int
    details: Details

    def keep(self) -> None:
        """Let it come back, within the time that a person may take."""
        server = current_server()
        with server.database.write() as connection:
            federation_attempts.save(
                connection,
                self.state,
                purpose=self.purpose,
                provider=self.provider.name,
                browser=browser_digest(),
                sealed=server.master.seal(json.dumps(asdict(self.details)).encode()),
                now=self.created_at,
                lifetime=server.settings.request_lifetime,
            )

    def give_up(self, error: UpstreamError) -> Response:
        """Back to the page that was left, with a sentence, its request alive; logs and auditors hear why."""
        # What the provider said is cut short and quoted.
        _log.warning("federation:refused", provider=self.provider.name, fault=error.fault, detail=error.detail)
        emit("user:login:refused", provider=self.provider.name, reason=error.fault)
        told = {"via": self.provider.name, "fault": error.fault}
        if self.purpose == "link":
            return see_page("federation.linked", **told)
        return to_sign_in(self.details.handle, self.details.to, **told)


@dataclass(frozen=True, slots=True)
class UpstreamSignIn:
    """What an attempt came to: whom the provider vouches for, the tokens that say so, and where the person goes."""

    attempt: Attempt
    visit: Visit
    person: Vouched
    tokens: dict[str, Any] = field(repr=False)

    @property
    def provider(self) -> Provider:
        """Who vouches."""
        return self.attempt.provider

    def sealed_tokens(self) -> bytes | None:
        """All tokens, sealed, where an administrator asks for them; else they are forgotten at once."""
        if not self.provider.keep_tokens:
            return None
        return current_server().master.seal(json.dumps(self.tokens, default=str).encode())

    def sealed_id_token(self) -> bytes | None:
        """The ID token, sealed, where signing out will need it as a hint."""
        id_token = self.tokens.get("id_token")
        if not self.provider.sign_out or not isinstance(id_token, str):
            return None
        return current_server().master.seal(id_token.encode())

    def tokens_for_later(self) -> dict[str, Any] | None:
        """The tokens that a person who must prove something first will need, and no others."""
        if self.provider.keep_tokens:
            return self.tokens
        return {"id_token": self.tokens["id_token"]} if self.provider.sign_out and "id_token" in self.tokens else None


def new_attempt(provider: Provider, purpose: Purpose, details: Details) -> Attempt:
    """An attempt of this browser, not kept yet."""
    return Attempt(provider, purpose, federation_attempts.new_state(), current_server().now(), details)


def find_attempt(connection: Connection, provider: Provider, state: str, *purposes: Purpose) -> Attempt | None:
    """The attempt of this browser under a state, where it can still be spent."""
    now = current_server().now()
    found = federation_attempts.find(connection, state, provider.name, browser_digest(), now, *purposes)
    return _unsealed(provider, state, found)


def spend_attempt(connection: Connection, provider: Provider, state: str, *purposes: Purpose) -> Attempt | None:
    """Spend it: of all who bring this state, one gets the attempt."""
    now = current_server().now()
    found = federation_attempts.spend(connection, state, provider.name, browser_digest(), now, *purposes)
    return _unsealed(provider, state, found)


def _unsealed(provider: Provider, state: str, found: SealedAttempt | None) -> Attempt | None:
    opened = current_server().master.try_unseal(found.sealed) if found else None
    if found is None:
        return None
    if opened is None:
        _log.warning("federation:attempt_unreadable", reason=UNREADABLE)
        return None
    kept: dict[str, Any] = json.loads(opened)
    demand = kept.pop("demand")
    if kept.keys() - {each.name for each in fields(Details)}:
        # What is not understood may be a check: it is not left out.
        _log.warning("federation:attempt_unreadable", reason=ANOTHER_RELEASE)
        return None
    details = Details(demand=Freshness(demand["max_age"], demand["anew"]) if demand else None, **kept)
    return Attempt(provider, found.purpose, state, found.created_at, details)
