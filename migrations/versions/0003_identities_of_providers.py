"""Identities of providers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "federation_attempts",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser", sa.LargeBinary(length=32), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("spent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_federation_attempts")),
    )
    with op.batch_alter_table("federation_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_federation_attempts_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=32), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_tokens", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["sub"], ["users.sub"], name=op.f("fk_identities_sub"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identities_sub"), ["sub"], unique=False)

    with op.batch_alter_table("authorizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acr", sa.String(length=200), nullable=True))

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acr", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("provider", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("upstream_sid", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("upstream_id_token", sa.LargeBinary(), nullable=True))

    # The key of this table grows, which SQLite cannot do in place: it is made anew.
    op.execute("CREATE TABLE user_roles_before AS SELECT sub, role FROM user_roles")
    op.drop_table("user_roles")
    op.create_table(
        "user_roles",
        sa.Column("sub", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=80), server_default="admin", nullable=False),
        sa.ForeignKeyConstraint(["sub"], ["users.sub"], name=op.f("fk_user_roles_sub"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sub", "role", "source", name=op.f("pk_user_roles")),
    )
    op.execute("INSERT INTO user_roles (sub, role) SELECT sub, role FROM user_roles_before")
    op.execute("DROP TABLE user_roles_before")
