"""Authorizations that named their resources. What is older counts as one that did not."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("authorizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("resource_given", sa.Boolean(), server_default=sa.false(), nullable=False))
