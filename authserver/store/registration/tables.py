"""The tables of clients that registered themselves, beside those of clients.yaml."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

from authserver.store.tables import metadata

registered_clients: Table = Table(
    "registered_clients",
    metadata,
    Column("client_id", String(200), primary_key=True),
    # As it was accepted, JSON; what the client may do follows from it at each look, by the rules of clients.yaml.
    Column("metadata", Text, nullable=False),
    Column("secret_digest", LargeBinary(32)),
    # Of its registration access token.
    Column("token_digest", LargeBinary(32), nullable=False, unique=True),
    # Scopes that the initial access token allowed.
    Column("allowed", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False, index=True),
    # Since when an administrator has it refused everywhere.
    Column("disabled_at", BigInteger),
)

registration_tokens: Table = Table(
    "registration_tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("scope", Text, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)
