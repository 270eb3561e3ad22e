"""What the URL of a PostgreSQL database may say: all that libpq knows, and psycopg's own `prepare_threshold`."""

import re
from urllib.parse import urlsplit

import pytest
from sqlalchemy import exc

from authserver.store.engine.postgresql import connect_arguments
from tests.conftest import make_settings, open_database

PASSWORD = "sesame-open"


def test_several_hosts_are_tried_in_turn(postgresql: str) -> None:
    place = urlsplit(postgresql).query.removeprefix("host=")
    database = open_database(f"postgresql://postgres:@/postgres?host=/nowhere,{place}&target_session_attrs=read-write")
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    database.engine.dispose()


def test_a_list_of_hosts_is_read_with_the_ports_of_each() -> None:
    url = "postgresql://id:secret@db1.example.com:5432,[2001:db8::1]:6432,db3.example.com/id?sslmode=require"
    given = connect_arguments(url)
    assert (given["host"], given["port"]) == ("db1.example.com,2001:db8::1,db3.example.com", "5432,6432,")
    assert given["sslmode"] == "require"
    assert make_settings(database_url=url).database_url.get_secret_value() == url


@pytest.mark.parametrize(("written", "threshold"), [("0", 0), ("7", 7), ("none", None), ("None", None)])
def test_statements_are_prepared_from_the_use_that_the_url_says(
    postgresql: str, written: str, threshold: int | None
) -> None:
    database = open_database(f"{postgresql}&prepare_threshold={written}")
    with database.read() as connection:
        driver = connection.connection.dbapi_connection
        assert driver.threshold == threshold  # type: ignore[union-attr]
    database.engine.dispose()


def test_what_the_url_says_goes_before_our_defaults() -> None:
    given = connect_arguments("postgresql://db.example.com/id?connect_timeout=30")
    assert (given["connect_timeout"], given["keepalives_idle"]) == ("30", 5)


@pytest.mark.parametrize("query", ["prepare_threshold=soon", "colour=red", "sslmode", "host=%zz"])
def test_what_nobody_knows_is_refused_in_words_without_the_password(query: str) -> None:
    with pytest.raises(exc.ArgumentError, match=re.escape("AUTHSERVER_DATABASE_URL cannot be read")) as refused:
        connect_arguments(f"postgresql://id:{PASSWORD}@db.example.com/id?{query}")
    assert PASSWORD not in str(refused.value)
