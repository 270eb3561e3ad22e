"""Requests and attempts by browser."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("authorization_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_authorization_requests_browser"), ["browser"], unique=False)

    with op.batch_alter_table("federation_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_federation_attempts_browser"), ["browser"], unique=False)
