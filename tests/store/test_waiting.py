"""What waits to be sent, as monitoring and the pages count it: no further than it tells, and each kind for itself."""

from sqlalchemy import Connection, insert

from authserver.store import outbox
from authserver.store.database import Database
from authserver.store.tables import jobs

MANY = outbox.MOST_COUNTED + 50


def put(connection: Connection, kind: str, created_at: int, due_at: int, many: int = 1) -> None:
    row = {"kind": kind, "destination": "", "about": "{}", "sealed": b"", "attempts": 0}
    connection.execute(insert(jobs), [row | {"created_at": created_at, "due_at": due_at}] * many)


def test_nothing_waits_in_an_empty_outbox(database: Database) -> None:
    with database.read() as connection:
        assert outbox.waiting(connection) == []


def test_many_of_a_kind_are_counted_to_a_bound_and_hide_no_other_kind(database: Database) -> None:
    with database.write() as connection:
        put(connection, "mail", 1000, 1000, MANY)
        put(connection, "logout", 2000, 2000, 3)
    with database.read() as connection:
        assert outbox.waiting(connection) == [("logout", 3, 2000), ("mail", outbox.MOST_COUNTED, 1000)]


def test_each_kind_has_its_own_oldest_however_many_of_another_came_first(database: Database) -> None:
    with database.write() as connection:
        put(connection, "logout", 10, 10, MANY)
        put(connection, "mail", 300, 300)
        put(connection, "mail", 200, 900)
    with database.read() as connection:
        assert {kind: since for kind, _, since in outbox.waiting(connection)} == {"logout": 10, "mail": 200}


def test_the_oldest_is_found_although_its_next_attempt_comes_after_thousands_of_others(database: Database) -> None:
    with database.write() as connection:
        put(connection, "mail", 10, 99_999)
        put(connection, "mail", 1000, 1000, MANY)
    with database.read() as connection:
        assert outbox.waiting(connection) == [("mail", outbox.MOST_COUNTED, 10)]
