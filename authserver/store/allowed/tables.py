"""The tables of what people have allowed clients: consents, authorizations, and the tokens that these bought."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
)

from authserver.store.tables import metadata, of_person

BY_BROWSER, BY_DEVICE = "browser", "device"

consents: Table = Table(
    "consents",
    metadata,
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True),
    Column("client_id", String(200), primary_key=True),
    Column("scope", Text, nullable=False),
    Column("audiences", Text, nullable=False),
    # Of APIs whose audience is not among these, single scopes such as `https://reports.example.com#read:reports`.
    Column("api_scopes", Text, server_default="", nullable=False),
    Column("granted_at", BigInteger, nullable=False),
)

authorizations: Table = Table(
    "authorizations",
    metadata,
    Column("id", String(32), primary_key=True),
    # `browser`, `device`, or token `exchange`: only what a browser requested has a code and a redirect URI.
    Column("requested_by", String(16), nullable=False, server_default=BY_BROWSER),
    # No index: a young database would find a code by it, through all that the client ever got.
    Column("client_id", String(200), nullable=False),
    of_person(index=False),
    Column("sid", String(32), nullable=False, index=True),
    Column("scope", Text, nullable=False),
    Column("audiences", Text, nullable=False),
    Column("offline", Boolean, nullable=False),
    Column("auth_time", BigInteger),
    Column("amr", String(100), nullable=False),
    Column("acr", String(200)),
    Column("provider", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("revoked_at", BigInteger),
    Column("code_digest", LargeBinary(32), unique=True),
    Column("code_expires_at", BigInteger),
    Column("code_redeemed_at", BigInteger),
    Column("redirect_uri", Text),
    Column("redirect_uri_given", Boolean),
    # Whether the request named its resources, and single claims that it asked for, in words such as `userinfo.email`.
    Column("resource_given", Boolean, server_default=false(), nullable=False),
    Column("claims", Text, server_default="", nullable=False),
    # The scopes of APIs that were allowed, as in consents; NULL where no scope narrows what the APIs give.
    Column("api_scopes", Text),
    Column("code_challenge", String(43)),
    Column("nonce", Text),
    # The key that the code is bound to; once it is redeemed, the one of a public client's refresh tokens.
    Column("bound_to", String(60)),
    CheckConstraint(
        f"CASE WHEN requested_by = '{BY_BROWSER}' "
        "THEN code_digest IS NOT NULL AND code_expires_at IS NOT NULL "
        "AND redirect_uri IS NOT NULL AND redirect_uri_given IS NOT NULL "
        "ELSE code_digest IS NULL AND redirect_uri IS NULL END",
        name="ck_authorizations_code",
    ),
    # A person's, a client and a page at a time.
    Index(None, "sub", "client_id", "created_at"),
)

_OF_AUTHORIZATION = ForeignKey("authorizations.id", ondelete="CASCADE")
refresh_tokens: Table = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("authorization_id", String(32), _OF_AUTHORIZATION, nullable=False, index=True),
    Column("client_id", String(200), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("replaced_at", BigInteger),
    Column("successor", LargeBinary(80)),
)

# Requests of devices (RFC 8628), which wait for a person and are polled for. `parameters` are what was asked for.
device_codes: Table = Table(
    "device_codes",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("user_code", LargeBinary(32), nullable=False, unique=True),
    Column("client_id", String(200), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("code_challenge", String(43)),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    # Seconds that must lie between two polls; when the last one was, and the last one that came too soon.
    Column("poll_interval", Integer, nullable=False),
    Column("polled_at", BigInteger),
    Column("hurried_at", BigInteger),
    Column("authorization_id", String(32)),
    Column("denied_at", BigInteger),
    Column("redeemed_at", BigInteger),
)

revoked_access_tokens: Table = Table(
    "revoked_access_tokens",
    metadata,
    Column("jti", String(64), primary_key=True),
    Column("expires_at", BigInteger, nullable=False, index=True),
)
