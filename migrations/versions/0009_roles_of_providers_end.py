"""Roles of providers end, and count in what these vouched for."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_roles", sa.Column("expires_at", sa.BigInteger(), nullable=True))
    op.add_column("authorizations", sa.Column("provider", sa.String(length=64), nullable=True))
    # Who came by them before has as long as after a sign-in of now.
    end = sa.text("UPDATE user_roles SET expires_at = :end WHERE source <> 'admin'")
    op.get_bind().execute(end, {"end": int(time.time()) + 24 * 3600})
    op.execute(
        "UPDATE authorizations SET provider = (SELECT provider FROM sessions WHERE sessions.sid = authorizations.sid)"
    )
