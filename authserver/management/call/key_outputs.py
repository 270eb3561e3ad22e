"""What the API answers about signing keys, and about who fetches them. Times are whole seconds since the epoch."""

from authserver.management.call.outputs import Answer


class Key(Answer):
    """A signing key."""

    kid: str
    alg: str
    state: str
    """`next`, `active`, `retired` or `revoked`."""
    since: int
    until: int


class KeyList(Answer):
    """Every signing key that is remembered."""

    items: list[Key]


class JwksReaderRecord(Answer):
    """A program that has fetched the JWKS. What it says of itself is not verified."""

    address: str
    user_agent: str
    hint: str
    """What it gave as `?rs=`; empty if it gave nothing."""
    first_at: int
    last_at: int
    has_newest: bool
    """Whether it has fetched the newest key."""
    is_waited_for: bool
    """Whether it comes regularly and lacks the newest key, which therefore does not sign yet, up to a limit."""


class JwksReadersPage(Answer):
    """Those of the last 14 days, who came last first."""

    items: list[JwksReaderRecord]
    next: str | None
