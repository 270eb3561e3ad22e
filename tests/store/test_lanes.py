"""Where something is due, as the sender looks for it: by destination, however much waits for one."""

from sqlalchemy import Connection, insert

from authserver.store import outbox
from authserver.store.database import Database
from authserver.store.tables import jobs

NOW = 1000


def put(connection: Connection, destination: str, due_at: int, many: int = 1, kind: str = "logout") -> None:
    row = {"kind": kind, "about": "{}", "sealed": b"", "attempts": 0, "created_at": 1}
    connection.execute(insert(jobs), [row | {"destination": destination, "due_at": due_at}] * many)


def test_the_longest_due_comes_first_and_no_more_is_counted_than_is_asked_for(database: Database) -> None:
    with database.write() as connection:
        put(connection, "a", NOW - 1)
        put(connection, "b", NOW - 3, 50)
        put(connection, "b", NOW + 1, 50)
        put(connection, "later", NOW + 1)
        put(connection, "c", NOW)
        put(connection, "", NOW - 9, kind="mail")
    with database.read() as connection:
        found = outbox.lanes(connection, "logout", "", NOW, 2)
        assert list(found.due.items()) == [("b", 2), ("a", 1), ("c", 1)]
        assert found.following == ""
        assert outbox.lanes(connection, "mail", "", NOW, 2).due == {"": 1}
        assert outbox.lanes(connection, "none", "", NOW, 2) == outbox.Lanes({}, "")


def test_of_very_many_destinations_each_look_sees_some_and_some_looks_see_all(database: Database) -> None:
    all_of_them = {f"client-{number}" for number in range(2 * outbox.MOST_LANES + 10)}
    with database.write() as connection:
        for destination in all_of_them:
            put(connection, destination, NOW)
    seen, begin, looks = set[str](), "", 0
    with database.read() as connection:
        while not looks or begin:
            found = outbox.lanes(connection, "logout", begin, NOW, 1)
            assert len(found.due) <= outbox.MOST_LANES
            seen, begin, looks = seen | set(found.due), found.following, looks + 1
    assert (seen, looks) == (all_of_them, 3)
