"""A migration as a process of its own runs it, which need not import what the tests need besides."""

from sqlalchemy import create_engine

from authserver.store.database import Database, engine_options, engine_url
from authserver.store.upkeep import migrations


def upgrade(url: str) -> bool:
    """Whether this call migrated the database."""
    database = Database(create_engine(engine_url(url), **engine_options(url, pool_size=20)))
    try:
        return migrations.upgrade(database)
    finally:
        database.engine.dispose()
