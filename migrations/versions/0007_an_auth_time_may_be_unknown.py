"""An auth_time may be unknown."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("sessions", "authorizations"):
        if op.get_bind().dialect.name == "sqlite":
            # A table made anew, as SQLite would have it, would take the refresh tokens of its authorizations along.
            op.execute(f"ALTER TABLE {table} ADD COLUMN known_auth_time BIGINT")
            op.execute(f"UPDATE {table} SET known_auth_time = auth_time")  # noqa: S608 - one of two names
            op.execute(f"ALTER TABLE {table} DROP COLUMN auth_time")
            op.execute(f"ALTER TABLE {table} RENAME COLUMN known_auth_time TO auth_time")
        else:
            op.alter_column(table, "auth_time", nullable=True)
    # It may have been made up where the provider did not say: these people are asked again where it matters.
    op.execute("UPDATE sessions SET auth_time = NULL WHERE provider IS NOT NULL")
