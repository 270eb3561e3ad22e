"""Authorizations without a code.

A release that does not know the column writes authorizations that a browser requested, as it always did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OF_A_CODE = ("code_digest", "code_expires_at", "redirect_uri", "redirect_uri_given")
RULE = """
    CASE WHEN requested_by = 'browser'
    THEN code_digest IS NOT NULL AND code_expires_at IS NOT NULL
    AND redirect_uri IS NOT NULL AND redirect_uri_given IS NOT NULL
    ELSE code_digest IS NULL AND redirect_uri IS NULL END
"""


def upgrade() -> None:
    op.drop_index("ix_authorizations_client_id", table_name="authorizations")
    makes_anew = op.get_bind().dialect.name == "sqlite"
    if makes_anew:
        # The old table would take the refresh tokens of its authorizations along: they wait aside.
        op.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM refresh_tokens")
        op.execute("DELETE FROM refresh_tokens")
    with op.batch_alter_table("authorizations") as table:
        table.add_column(sa.Column("requested_by", sa.String(length=16), server_default="browser", nullable=False))
        for column in OF_A_CODE:
            table.alter_column(column, nullable=True)
        table.create_check_constraint("ck_authorizations_code", RULE)
    if makes_anew:
        op.execute("INSERT INTO refresh_tokens SELECT * FROM kept")
        op.execute("DROP TABLE kept")
