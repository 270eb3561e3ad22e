"""Methods of sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("methods", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "methods")
