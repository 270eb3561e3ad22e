"""Workloads: programs elsewhere that act as a client here, by a token that their platform signs for them.

GitHub Actions, GitLab CI and Kubernetes give one to each job or pod, so that no secret has to be kept anywhere.
RFC 7521 §4.1, §5.2; RFC 7523 §2.1, §3. https://www.rfc-editor.org/rfc/rfc7523#section-3
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from authserver.protocol.upstream.foreign_jwt import SKEW, ForeignJwtError, signed_claims, time_of

JWT_BEARER: Literal["urn:ietf:params:oauth:grant-type:jwt-bearer"] = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MAX_SUBJECT = 1000
# RFC 10070 §5: a type of its own. GitHub and GitLab write JWT, Kubernetes nothing.
_TYPES = frozenset({None, "jwt", "authorization-grant+jwt"})
_SEPARATOR = re.compile("([:/])")


@dataclass(frozen=True, slots=True)
class WorkloadIssuer:
    """Who signs tokens of workloads. `name` is ours, `issuer` what stands in the tokens; `max_lifetime` is in seconds.

    Its keys are `jwks`, or lie at `jwks_uri`, or where its metadata say. Without an `audience` tokens are for our own
    issuer. Unless it is `single_use`, a token counts until it has expired.
    """

    name: str
    issuer: str
    audience: str | None = None
    signing_alg: str = "RS256"
    jwks: Mapping[str, Any] | None = field(default=None, hash=False)
    jwks_uri: str | None = None
    on_private_network: bool = False
    single_use: bool = True
    max_lifetime: int = 3600


@dataclass(frozen=True, slots=True)
class Workload:
    """Whose tokens let it act as a client: those of the issuer of this name with such a subject and these claims.

    A `*` in the subject stands for one or more characters, but neither `:` nor `/`: what it stands for never reaches
    into the next part of the subject.
    """

    issuer: str
    subject: str
    claims: tuple[tuple[str, str], ...] = ()

    def has_subject(self, subject: str) -> bool:
        """Whether the subject is of this shape, all of it."""
        wanted, found = _SEPARATOR.split(self.subject), _SEPARATOR.split(subject)
        return len(wanted) == len(found) and all(map(_is_part, wanted, found))

    def other_claims(self, claims: Mapping[str, Any]) -> list[str]:
        """The names of the claims that are not as they must be."""
        return [name for name, value in self.claims if as_text(claims.get(name)) != value]

    def admits(self, token: "WorkloadToken") -> bool:
        """Whether a token lets its holder act as the client."""
        return self.has_subject(token.subject) and not self.other_claims(token.claims)

    def likeness(self, subject: str) -> int:
        """How many parts of a subject are as they must be, one after another."""
        parts = map(_is_part, _SEPARATOR.split(self.subject), _SEPARATOR.split(subject))
        return next((place for place, is_part in enumerate(parts) if not is_part), MAX_SUBJECT)


@dataclass(frozen=True, slots=True)
class WorkloadToken:
    """A sound token: whose it is, what is spent where it counts once, and from when on it is refused for its age."""

    subject: str
    claims: Mapping[str, Any]
    once: str
    forget_at: int


def read(
    assertion: str, issuer: WorkloadIssuer, key_sets: Iterable[Mapping[str, Any]], *, audience: str, now: int
) -> WorkloadToken:
    """The token of a workload of this issuer, which is for `audience` alone; `now` in seconds since the epoch.

    Which client it may act as is not looked at, nor whether it was used. Raises ForeignJwtError, and whatever
    `key_sets` raise.
    """
    _, claims = signed_claims(assertion, key_sets, {issuer.signing_alg}, _TYPES)
    if claims.get("iss") != issuer.issuer:
        raise ForeignJwtError("another issuer")
    # RFC 10070 §4: one that is for somebody else, too, could have come from there.
    if claims.get("aud") not in (audience, [audience]):
        raise ForeignJwtError("its aud is not the audience of this issuer alone")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= MAX_SUBJECT:
        raise ForeignJwtError("its sub is missing, or not printable, or too long")
    expires_at = _expiry(claims, issuer.max_lifetime, now)
    jti = claims.get("jti")
    # Without a jti, what was signed: the signature itself can be written in several ways.
    once = f"jti {jti}" if isinstance(jti, str) and jti else assertion.rpartition(".")[0]
    return WorkloadToken(subject, claims, once, expires_at + SKEW)


def nearest(workloads: Iterable[Workload], subject: str) -> Workload | None:
    """The one whose subject is most like this, for whoever looks for the difference."""
    return max(workloads, key=lambda each: each.likeness(subject), default=None)


def as_text(value: object) -> str | None:
    """A claim as it is compared; None of what is no text, number or truth value."""
    # GitHub writes numbers as texts, and YAML has them without quotes.
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) else None


def _expiry(claims: Mapping[str, Any], max_lifetime: int, now: int) -> int:
    expires_at = time_of(claims, "exp")
    if expires_at <= now - SKEW:
        raise ForeignJwtError("expired")
    if any(name in claims and time_of(claims, name) > now + SKEW for name in ("iat", "nbf")):
        raise ForeignJwtError("from the future")
    began = min(time_of(claims, "iat"), now + SKEW) if "iat" in claims else now + SKEW
    if expires_at - began > max_lifetime:
        raise ForeignJwtError(f"valid for more than {max_lifetime} seconds, the issuer's max_lifetime")
    return expires_at


def _is_part(wanted: str, found: str) -> bool:
    head, star, tail = wanted.partition("*")
    if not star:
        return wanted == found
    return len(found) > len(head) + len(tail) and found.startswith(head) and found.endswith(tail)
