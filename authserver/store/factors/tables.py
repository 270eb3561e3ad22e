"""The tables of second factors."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, LargeBinary, String, Table, Text

from authserver.store.tables import metadata, of_person

NAME_LENGTH = 60

# Authenticator apps. The id comes out of the secret, so that none is kept twice, with two times the codes.
totp: Table = Table(
    "totp",
    metadata,
    Column("id", String(32), primary_key=True),
    of_person(),
    Column("name", String(NAME_LENGTH), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # The newest step whose code was taken: neither it nor an older one is taken again.
    Column("last_step", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
)

recovery_codes: Table = Table(
    "recovery_codes",
    metadata,
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

# Passkeys, by the digest of their credential ids. Ids and public keys are base64url, the keys in COSE (RFC 9053).
passkeys: Table = Table(
    "passkeys",
    metadata,
    Column("id", String(64), primary_key=True),
    of_person(),
    Column("name", String(NAME_LENGTH), nullable=False),
    Column("credential_id", String(1400), nullable=False),
    Column("public_key", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("aaguid", String(36), nullable=False),
    Column("transports", String(100), nullable=False),
    # Whether it may leave its device, and whether a copy is kept elsewhere (WebAuthn Level 3 §6.1.3).
    Column("is_synced", Boolean, nullable=False),
    Column("is_backed_up", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
)

# Who was told that a second factor will be required of them, and is not told again before then.
factor_notices: Table = Table(
    "factor_notices",
    metadata,
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True),
    Column("next_at", BigInteger, nullable=False),
)

# Who was offered a passkey and wants none until then; null for never.
passkey_offers: Table = Table(
    "passkey_offers",
    metadata,
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True),
    Column("declined_until", BigInteger),
)
