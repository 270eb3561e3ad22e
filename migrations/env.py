"""Alembic runs the scripts on the connection, and in the transaction, that its caller hands over."""

from alembic import context

from authserver.store.allowed import tables  # noqa: F401 - as below
from authserver.store.engine import by_dialect  # noqa: F401 - as below
from authserver.store.factors import tables as factors  # noqa: F401 - as below
from authserver.store.live_files import tables as live_files  # noqa: F401 - as below
from authserver.store.registration import tables as registration  # noqa: F401 - as below
from authserver.store.tables import metadata
from authserver.store.upkeep import indexes, lease, left  # noqa: F401 - their tables are ours, too

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # A batch makes the table anew on SQLite, and with the old one goes what refers to it.
    render_as_batch=False,
    compare_type=True,
    include_object=indexes.can_be_compared,
)
with context.begin_transaction():
    context.run_migrations()
