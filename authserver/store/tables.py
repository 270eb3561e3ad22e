"""Most tables. Times are whole seconds since the epoch, sets of words are space-separated, secrets are digests."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from authserver.protocol.person.claims import PROFILE
from authserver.store.engine.claim_column import claim_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite numbers rows by itself only in a column of type INTEGER.
SERIAL = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(naming_convention=NAMING)


def of_person(*, index: bool = True) -> Column[str]:
    """The `sub` of the person to whom a row belongs, and with whom it goes. Without an index, another has it."""
    return Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), nullable=False, index=index)


users: Table = Table(
    "users",
    metadata,
    Column("sub", String(32), primary_key=True),
    Column("username", String(128), nullable=False, unique=True),
    # As it was given; found and held unique by its key. Where two accounts of old have one key, both have it contested.
    Column("email", String(320), unique=True),
    Column("email_key", String(512), unique=True, index=True),
    Column("contested_key", String(512), index=True),
    Column("email_verified", Boolean, nullable=False, default=False),
    *map(claim_column, PROFILE.values()),
    # The claims that an administrator declares, as a JSON object.
    Column("own_claims", Text),
    Column("password_hash", String(300)),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    # Counts the changes, whoever makes them, so that of two that began with the same one the second is refused.
    Column("version", Integer, default=1, onupdate=literal_column("version + 1"), server_default="1", nullable=False),
)

# The pictures that people uploaded, made anew. One is shown while the claim `picture` of its person has its address.
pictures = Table(
    "pictures",
    metadata,
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True),
    Column("handle", String(32), nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# Of people who are gone: a `sub` is never given again.
deleted_subs: Table = Table(
    "deleted_subs",
    metadata,
    Column("sub", String(32), primary_key=True),
    Column("deleted_at", BigInteger, nullable=False),
)

user_roles: Table = Table(
    "user_roles",
    metadata,
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True),
    Column("role", String(64), primary_key=True),
    # Who gave it: `admin`, or `provider:name` where a claim of a provider did. Then it counts until `expires_at`, where
    # this provider vouched for the session.
    Column("source", String(80), primary_key=True, server_default="admin"),
    Column("expires_at", BigInteger),
)

# The groups of clients.yaml that a person is in.
user_groups: Table = Table(
    "user_groups",
    metadata,
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True),
    Column("group_name", String(64), primary_key=True),
)

# Who vouches for a person: an identity at a provider is issuer and subject, nothing else (OpenID Connect Core §5.7).
identities: Table = Table(
    "identities",
    metadata,
    Column("issuer", String(500), primary_key=True),
    Column("subject", String(255), primary_key=True),
    of_person(),
    Column("provider", String(64), nullable=False),
    Column("email", String(320)),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger, nullable=False),
    Column("sealed_tokens", LargeBinary),
)

# A browser that was sent to a provider. What must not be read from a copy of the database lies sealed.
federation_attempts: Table = Table(
    "federation_attempts",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("browser", LargeBinary(32), nullable=False, index=True),
    Column("provider", String(64), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("spent_at", BigInteger),
)

signin_failures: Table = Table(
    "signin_failures",
    metadata,
    Column("account", LargeBinary(32), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False, index=True),
)

# What a person gets by mail to act with once: a link, whose token is kept as its digest, and sometimes a code of six
# digits. The code's digest is salted with the handle of the page it is typed into, which only that browser holds.
links: Table = Table(
    "links",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), index=True),
    Column("email", String(320), nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("handle", LargeBinary(32), unique=True),
    Column("browser", LargeBinary(32)),
    Column("code_digest", LargeBinary(32)),
    Column("attempts", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("spent_at", BigInteger),
)

devices: Table = Table(
    "devices",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    # Until then no second factor is asked of the person here.
    Column("trusted_until", BigInteger),
)

# What must still reach somebody. `destination` is set where jobs for one must not hold up those for another; `about` is
# JSON that an event may say. What is to be delivered can hold a link, so it lies sealed under the master key.
jobs: Table = Table(
    "jobs",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("destination", String(320), nullable=False),
    Column("about", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Index(None, "kind", "destination", "due_at"),
    Index(None, "kind", "created_at"),
)

sessions: Table = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("sid", String(32), nullable=False, unique=True),
    of_person(index=False),
    # Null where a provider vouched that does not say when the person signed in there.
    Column("auth_time", BigInteger),
    Column("amr", String(100), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("idle", Integer, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    # When its time may be over at the earliest: then somebody looks, since use has meanwhile put the end off.
    Column("look_at", BigInteger, server_default=literal_column("0"), nullable=False),
    # Null where it is begun and not complete: a factor is missing, and nothing but sign-in takes it for a session.
    Column("completed_at", BigInteger),
    Column("ended_at", BigInteger, index=True),
    Column("user_agent", String(300), nullable=False, default=""),
    Column("address", String(45), nullable=False, default=""),
    Column("acr", String(200)),
    Column("provider", String(64)),
    Column("upstream_sid", String(255)),
    Column("upstream_id_token", LargeBinary),
    # When a second factor was proven; null where none was.
    Column("factor_at", BigInteger),
    # What was done that reaches levels of authentication; null in sessions of earlier releases.
    Column("methods", Text),
    # A person's, a page at a time.
    Index(None, "sub", "created_at"),
)

authorization_requests: Table = Table(
    "authorization_requests",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("browser", LargeBinary(32), nullable=False, index=True),
    Column("client_id", String(200), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("authenticated_sid", String(32)),
    Column("selected_sid", String(32)),
    Column("consented_sid", String(32)),
    Column("denied_at", BigInteger),
    Column("authorization_id", String(32)),
)

# What must be accepted once and no more, such as the `jti` of a provider's logout token.
spent_ids: Table = Table(
    "spent_ids",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

signing_keys: Table = Table(
    "signing_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("alg", String(10), nullable=False),
    # One successor for one predecessor: the unique pair lets exactly one of many rotating workers win.
    Column("generation", Integer, nullable=False),
    # Sealed under the master key; the public part comes out of it, so no foreign key can be planted here.
    Column("private_key", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("active_from", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    UniqueConstraint("alg", "generation"),
)

# What the server keeps for itself for good, sealed under the master key.
kept_secrets: Table = Table(
    "kept_secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# What a repeated POST to the management API is known by, and the id of what the first one made.
idempotency_keys: Table = Table(
    "idempotency_keys",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("request", LargeBinary(32), nullable=False),
    Column("made", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

events: Table = Table(
    "events",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("sub", String(32), index=True),
    Column("client_id", String(200)),
    Column("address", String(45)),
    Column("request_id", String(32)),
    Column("detail", Text, nullable=False),
)

# Who fetches the JWKS, by program: what is said of it comes from whoever asks.
jwks_readers: Table = Table(
    "jwks_readers",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("address", String(45), nullable=False),
    Column("user_agent", String(200), nullable=False),
    Column("hint", String(200), nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False, index=True),
)
