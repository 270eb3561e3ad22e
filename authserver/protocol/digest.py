"""Secrets as stored: SHA-256 digests.

Codes, tokens, handles and session ids are 256 random bits, so one round of SHA-256 is all they need at rest
(RFC 6819 §5.1.4.1.3). https://www.rfc-editor.org/rfc/rfc6819#section-5.1.4.1.3
"""

from hashlib import sha256


def digest(secret: str) -> bytes:
    """The 32 bytes under which a secret is stored. Any text is accepted, lone surrogates too."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
