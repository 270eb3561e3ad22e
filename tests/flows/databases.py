"""The mark of flows that are run on SQLite and on PostgreSQL."""

import pytest

from tests.conftest import DATABASES

on_both = pytest.mark.parametrize("database_url", DATABASES, indirect=True)
