"""The secrets of clients and APIs: only their digests are kept, and several may be live at once."""

import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """One live secret: the SHA-256 digest of its UTF-8 bytes and, in seconds since the epoch, its end."""

    digest: bytes = field(repr=False)
    expires_at: int | None = None

    def is_live(self, now: int) -> bool:
        """Whether it has not expired; `now` in seconds since the epoch."""
        return self.expires_at is None or now < self.expires_at


def matches_secret(secrets: tuple[Secret, ...], presented: bytes, now: int) -> bool:
    """Whether a SHA-256 digest equals one of the unexpired secrets; every one is compared, in constant time."""
    found = False
    for secret in secrets:
        found |= hmac.compare_digest(secret.digest, presented) and secret.is_live(now)
    return found
