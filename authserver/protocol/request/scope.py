"""Scopes: what was asked, cut to what the client is registered for.

RFC 6749 §3.3; OpenID Connect Core §3.1.2.1 (scopes not understood are ignored), §5.4, §11 (offline_access).
https://www.rfc-editor.org/rfc/rfc6749#section-3.3
"""

from collections.abc import Collection

from authserver.protocol.person.known_claims import STANDARD, KnownClaims
from authserver.protocol.words import marked

# The order in which scopes are written, so that equal sets are equal strings.
SUPPORTED = ("openid", "profile", "email", "address", "phone", "offline_access")
# What a client may ask for whose entry says nothing; where people live and how to call them, it must name.
DEFAULT = ("openid", "profile", "email", "offline_access")
SENTENCES = {
    "openid": marked("Know who you are"),
    "profile": marked("See your name and profile"),
    "email": marked("See your email address"),
    "address": marked("See your postal address"),
    "phone": marked("See your phone number"),
    "offline_access": marked("Keep this access while you’re away"),
}


def in_order(scopes: Collection[str]) -> tuple[str, ...]:
    """Scopes as they are written: those of OpenID Connect, then those of an administrator's claims."""
    return (*(scope for scope in SUPPORTED if scope in scopes), *sorted(set(scopes).difference(SUPPORTED)))


def sentences(scope: str, known: KnownClaims) -> list[str]:
    """What a scope lets a client do, in words for the person."""
    return [SENTENCES[scope]] if scope in SENTENCES else known.sentences(scope)


def allowed_scope(requested: str | None, registered: Collection[str], known: KnownClaims = STANDARD) -> tuple[str, ...]:
    """The scopes to be granted at most: those asked for that are known and that the client is registered for."""
    asked = set(requested.split(" ")) if requested else set()
    return in_order(
        {scope for scope in asked.intersection(registered) if scope in SENTENCES or scope in known.by_scope}
    )
