"""Scopes of APIs."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("authorizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("api_scopes", sa.Text(), nullable=True))

    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("api_scopes", sa.Text(), server_default="", nullable=False))
