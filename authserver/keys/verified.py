"""Signatures that were found good: a token that is shown again costs a digest, a tenth of checking its signature.

Only the signature is remembered. Whether its key is still published, its time not over and its authorization alive is
asked anew each time.
"""

from threading import Lock
from typing import Any

from authserver.keys import signed_token
from authserver.keys.material import LoadedKey
from authserver.protocol.digest import digest

# At about 1.5 kB each.
MOST = 2048


class Verified:
    """The claims of the tokens verified last, by digest. Safe for threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._claims: dict[bytes, dict[str, Any]] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._claims)

    def claims(self, token: str, key: LoadedKey) -> dict[str, Any]:
        """The claims of a token whose header names this key, as the caller's own. Raises InvalidToken."""
        name = digest(token)
        claims = self._claims.get(name)
        if claims is None:
            claims = signed_token.read_claims(token, key)
            with self._lock:
                if len(self._claims) >= self._most:
                    del self._claims[next(iter(self._claims))]
                self._claims[name] = claims
        return dict(claims)
