"""The tables of second factors."""

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table

from authserver.store.tables import db, of_person

NAME_LENGTH = 60

# Authenticator apps. The id comes out of the secret, so that none is kept twice, with two times the codes.
totp: Table = db.Table(
    "totp",
    Column("id", String(32), primary_key=True),
    of_person(),
    Column("name", String(NAME_LENGTH), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # The newest step whose code was taken: neither it nor an older one is taken again.
    Column("last_step", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
)

recovery_codes: Table = db.Table(
    "recovery_codes",
    Column("sub", String(32), ForeignKey("users.sub", ondelete="CASCADE"), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)
