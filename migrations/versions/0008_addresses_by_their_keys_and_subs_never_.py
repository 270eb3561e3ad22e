"""Addresses by their keys and subs never given again.

No address and no username is changed. What compares otherwise from now on is logged, a line each, and shown again by
`authserver users check`. Where two accounts have one address in two spellings, neither is found by it any more.
"""

import sqlalchemy as sa
import structlog
from alembic import op

from authserver.protocol.person.email_address import email_key
from authserver.protocol.person.login_name import findings

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_A_TIME = 1000
users = sa.table("users", *(sa.column(name) for name in ("sub", "username", "email", "email_key", "contested_key")))
deleted_subs = sa.table("deleted_subs", sa.column("sub"), sa.column("deleted_at"))
events = sa.table("events", *(sa.column(name) for name in ("name", "sub", "at")))
_log = structlog.get_logger("authserver")


def upgrade() -> None:
    op.create_table(
        "deleted_subs",
        sa.Column("sub", sa.String(length=32), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sub", name=op.f("pk_deleted_subs")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_key", sa.String(length=512), nullable=True))
        batch_op.add_column(sa.Column("contested_key", sa.String(length=512), nullable=True))
    connection = op.get_bind()
    _remember_the_deleted(connection)
    _find_by_key(connection)
    _contest(connection)
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_contested_key"), ["contested_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_users_email_key"), ["email_key"], unique=True)


def _remember_the_deleted(connection: sa.Connection) -> None:
    # Whose deletion the audit still has; of earlier ones nothing is left to know them by.
    deleted = (
        sa.select(events.c.sub, sa.func.max(events.c.at))
        .where(events.c.name == "user:account:deleted", events.c.sub.is_not(None))
        .where(events.c.sub.not_in(sa.select(users.c.sub)))
        .group_by(events.c.sub)
    )
    connection.execute(sa.insert(deleted_subs).from_select(["sub", "deleted_at"], deleted))


def _find_by_key(connection: sa.Connection) -> None:
    connection.execute(sa.update(users).values(email_key=users.c.email))
    last = ""
    page = sa.select(users.c.sub, users.c.username, users.c.email).order_by(users.c.sub).limit(AT_A_TIME)
    while rows := connection.execute(page.where(users.c.sub > last)).all():
        for sub, username, email in rows:
            if email is not None and (key := email_key(email)) != email:
                connection.execute(sa.update(users).where(users.c.sub == sub).values(email_key=key))
            for finding in findings(username, email):
                _log.warning("migration:login", sub=sub, username=username, finding=finding.code, text=finding.text)
        last = rows[-1].sub


def _contest(connection: sa.Connection) -> None:
    several = (
        sa.select(users.c.email_key)
        .where(users.c.email_key.is_not(None))
        .group_by(users.c.email_key)
        .having(sa.func.count() > 1)
    )
    for key in connection.scalars(several).all():
        held = sa.update(users).where(users.c.email_key == key)
        found = connection.execute(sa.select(users.c.sub, users.c.username).where(users.c.email_key == key)).all()
        connection.execute(held.values(contested_key=users.c.email_key, email_key=None))
        for sub, username in found:
            _log.warning(
                "migration:login",
                sub=sub,
                username=username,
                finding="address_contested",
                text="another account has this address in another spelling: neither is found by it",
            )
