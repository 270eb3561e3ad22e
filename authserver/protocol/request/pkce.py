"""Proof Key for Code Exchange, S256 only.

RFC 7636 §4.2, §4.6; RFC 9700 §2.1.1 requires it and forbids the downgrade. https://www.rfc-editor.org/rfc/rfc7636
"""

import re
from base64 import urlsafe_b64encode
from hashlib import sha256

from authserver.protocol.errors import RedirectedError

METHODS = ("S256",)
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")
# RFC 7636 appendix B: of a request that nobody redeems.
EXAMPLE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # pragma: allowlist secret


def requested_challenge(challenge: str | None, method: str | None, required: bool) -> str | None:
    """The challenge of an authorization request, checked; None where there is none and none is required."""
    if challenge is None:
        if required or method is not None:
            raise RedirectedError("invalid_request", "PKCE is required: send code_challenge with method S256.")
        return None
    # RFC 7636 §4.3: a missing method means plain, and plain is refused.
    if method != "S256":
        raise RedirectedError("invalid_request", "code_challenge_method must be S256.", detail=f"received {method!r}")
    if not CHALLENGE.match(challenge):
        raise RedirectedError("invalid_request", "code_challenge must be 43 characters of base64url.")
    return challenge


def s256(verifier: str) -> str | None:
    """The S256 challenge that a code verifier answers; None for one that RFC 7636 §4.1 does not allow."""
    if not VERIFIER.match(verifier):
        return None
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
