"""What the example provider is, remembers, and has been told to do wrong."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from tests.provider import keys
from tests.provider.people import Person, people

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class Grant:
    """A code that was given out, and what it stands for."""

    subject: str
    parameters: dict[str, str]
    auth_time: int


@dataclass
class State:
    """One provider. Everything below `issuer` can be changed while it runs.

    `wrong` says by endpoint what to answer instead: html, error, redirect, huge, list or nothing; or slow, which is
    the right answer when the test is over. `claims` replaces claims of the next ID tokens (None removes one), `header`
    members of their header.
    """

    client_id: str
    client_secret: str
    clock: Callable[[], float] = time.time
    issuer: str = ""
    people: dict[str, Person] = field(default_factory=people)
    wrong: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, str | None] = field(default_factory=dict)
    skew: int = 0
    # Set when those who are kept waiting may have their answer.
    may_answer: Event = field(default_factory=Event)
    signing_key: int = 1
    published_keys: tuple[int, ...] = (1,)
    unsigned: bool = False
    keeps_old_sign_in: bool = False
    signed_in_at: dict[str, int] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    access_tokens: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    ended: list[dict[str, str]] = field(default_factory=list)

    def now(self) -> int:
        """Seconds since the epoch, as far as this provider's clock is right."""
        return int(self.clock()) + self.skew

    def rotate(self) -> None:
        """Sign with a new key, and publish it instead of the old one."""
        self.signing_key += 1
        self.published_keys = (self.signing_key,)

    def sid(self, subject: str) -> str:
        """The session of a person here."""
        return f"session-of-{subject}"

    def jwt(self, claims: dict[str, Any], typ: str = "JWT") -> str:
        """A signed token, as wrong as it was ordered."""
        body = {name: value for name, value in claims.items() if value is not None}
        payload = json.dumps(body).encode()
        if self.unsigned:
            return _unsigned(payload)
        return keys.sign(self.signing_key, payload, **{"typ": typ} | self.header)

    def logout_token(self, **changes: Any) -> str:
        """A logout token (Back-Channel Logout 1.0 §2.4), with claims changed or, where None, left out."""
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": self.now(),
            "exp": self.now() + 120,
            "jti": secrets.token_urlsafe(12),
            "events": {EVENT: {}},
        }
        return self.jwt(claims | changes, "logout+jwt")


def _unsigned(payload: bytes) -> str:
    from joserfc.util import urlsafe_b64encode

    header = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode()
    return f"{header}.{urlsafe_b64encode(payload).decode()}."
