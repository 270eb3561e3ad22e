"""Marks of flows that are run on SQLite and on PostgreSQL."""

import pytest

# On PostgreSQL in `make test-all`; the moves of the store, races too, are on both in `make test`.
on_both = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)
# On both in `make test`.
always_on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
