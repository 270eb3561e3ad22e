"""The key that a token is bound to: who shows the token must prove that they hold it.

RFC 7800 §3.1 (`cnf`); RFC 9449 §6.1 (`jkt`); RFC 8705 §3.1 (`x5t#S256`).
https://www.rfc-editor.org/rfc/rfc7800#section-3.1
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Method = Literal["jkt", "x5t#S256"]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A key by its SHA-256 thumbprint, base64url, and how whoever holds it proves that.

    `jkt`: the key itself, by DPoP; `x5t#S256`: a certificate of it, by TLS.
    """

    method: Method
    thumbprint: str

    @property
    def claim(self) -> dict[str, str]:
        """The value of `cnf`."""
        return {self.method: self.thumbprint}

    @property
    def stored(self) -> str:
        """It as one text, in which keys of different methods are never equal."""
        return f"{self.method}:{self.thumbprint}"


def token_type(cnf: object) -> str:
    """How a token with this `cnf` is sent (RFC 9449 §5; RFC 6750)."""
    return "DPoP" if isinstance(cnf, Mapping) and "jkt" in cnf else "Bearer"
