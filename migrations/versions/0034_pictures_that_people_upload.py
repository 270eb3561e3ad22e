"""Pictures that people upload."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column("sub", sa.String(length=32), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sub"], ["users.sub"], name=op.f("fk_pictures_sub"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sub", name=op.f("pk_pictures")),
        sa.UniqueConstraint("handle", name=op.f("uq_pictures_handle")),
    )


def downgrade() -> None:
    # The release before serves none of them.
    op.execute(
        "UPDATE users SET picture = NULL WHERE EXISTS (SELECT 1 FROM pictures"
        " WHERE pictures.sub = users.sub AND users.picture LIKE '%/picture/' || pictures.handle)"
    )
    op.drop_table("pictures")
