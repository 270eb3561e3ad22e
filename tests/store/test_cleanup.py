"""Expired rows are removed, in batches, and nothing else is."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select

from authserver.store import events, sessions, tables
from authserver.store.allowed import tables as allowed
from authserver.store.database import Database
from authserver.store.events import EventFilter
from authserver.store.upkeep import backlog, cleanup, lease

NOW = 2_000_000_000
DAY = 86400
PERSON = {"sub": "ada", "username": "ada", "email_verified": False, "created_at": 1, "updated_at": 1}
AUTHORIZATION: dict[str, Any] = {
    "client_id": "portal",
    "sub": "ada",
    "sid": "s",
    "scope": "openid",
    "audiences": "",
    "offline": True,
    "auth_time": 1,
    "amr": "pwd",
    "created_at": 1,
    "code_expires_at": 1,
    "redirect_uri": "https://portal.example.com/callback",
    "redirect_uri_given": True,
}


def on(_took: float) -> bool:
    return True


def put(database: Database, table: Table, *rows: dict[str, Any]) -> None:
    with database.write() as connection:
        connection.execute(insert(table), list(rows))


def count(database: Database, table: Table) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def authorization(key: str, expires_at: int) -> dict[str, Any]:
    return AUTHORIZATION | {"id": key, "expires_at": expires_at, "code_digest": key.encode().ljust(32)}


def refresh_token(key: str, authorization_id: str, expires_at: int) -> dict[str, Any]:
    return {
        "digest": key.encode().ljust(32),
        "authorization_id": authorization_id,
        "client_id": "portal",
        "issued_at": 1,
        "expires_at": expires_at,
    }


def test_an_expired_authorization_goes_with_its_tokens_and_a_live_one_stays(database: Database) -> None:
    put(database, tables.users, PERSON)
    put(database, allowed.authorizations, authorization("old", NOW), authorization("live", NOW + 1))
    put(
        database,
        allowed.refresh_tokens,
        refresh_token("a", "old", NOW + 100),
        refresh_token("b", "live", NOW),
        refresh_token("c", "live", NOW + 1),
    )
    assert cleanup.delete_expired(database, NOW, DAY, on) == {"authorizations": 1, "refresh_tokens": 1}
    assert count(database, allowed.authorizations) == 1
    assert count(database, allowed.refresh_tokens) == 1


def test_more_rows_than_a_batch_are_removed_in_several(database: Database) -> None:
    rows = [{"jti": f"{number}", "expires_at": NOW - number % 2} for number in range(cleanup.BATCH * 2 + 1)]
    put(database, allowed.revoked_access_tokens, *rows, {"jti": "live", "expires_at": NOW + 1})
    assert cleanup.delete_expired(database, NOW, DAY, on) == {"revoked_access_tokens": cleanup.BATCH * 2 + 1}
    assert count(database, allowed.revoked_access_tokens) == 1


def test_it_ends_when_none_is_left_however_many_there_were(database: Database) -> None:
    """Sign-ins at 13 a second and more expire faster than a round with a bound removes them."""
    put(database, tables.users, PERSON)
    rows = [authorization(f"{number}", NOW) for number in range(45 * cleanup.BATCH_OF_AUTHORIZATIONS + 1)]
    put(database, allowed.authorizations, *rows)
    with database.read() as connection:
        assert backlog.count(connection, NOW, DAY) == {"authorizations": len(rows)}
    assert cleanup.delete_expired(database, NOW, DAY, on) == {"authorizations": len(rows)}
    with database.read() as connection:
        assert backlog.count(connection, NOW, DAY) == {}


def test_between_two_batches_it_asks_whether_it_may_go_on(database: Database) -> None:
    rows = [{"jti": f"{number}", "expires_at": NOW} for number in range(cleanup.BATCH * 2)]
    put(database, allowed.revoked_access_tokens, *rows)
    took: list[float] = []

    def once(seconds: float) -> bool:
        took.append(seconds)
        return False

    assert cleanup.delete_expired(database, NOW, DAY, once) == {"revoked_access_tokens": cleanup.BATCH}
    assert len(took) == 1
    assert count(database, allowed.revoked_access_tokens) == cleanup.BATCH


def test_the_backlog_knows_every_table_that_is_cleaned() -> None:
    assert backlog._OVER.keys() == cleanup.ROOMS.keys() | {"events"}


def test_sessions_that_ended_count_once_their_day_is_over(database: Database) -> None:
    put(database, tables.users, PERSON)
    session = {"sub": "ada", "amr": "pwd", "created_at": 1, "last_seen_at": 1, "idle": 1}
    ends = {"long": NOW - sessions.KEPT_AFTER_END, "just": NOW - sessions.KEPT_AFTER_END + 1}
    rows = [
        session | {"digest": sid.encode().ljust(32), "sid": sid, "expires_at": NOW + DAY, "ended_at": end}
        for sid, end in ends.items()
    ]
    put(database, tables.sessions, *rows)
    with database.read() as connection:
        assert backlog.count(connection, NOW, DAY) == {"sessions": 1}
    assert cleanup.delete_expired(database, NOW, DAY, on) == {"sessions": 1}


def test_sessions_that_ended_are_found_by_index(database: Database) -> None:
    on_sqlite = database.engine.dialect.name == "sqlite"
    with database.write() as connection:
        compiled = sessions._DELETE_EXPIRED.compiled(connection)
        explained = f"{'EXPLAIN QUERY PLAN' if on_sqlite else 'EXPLAIN'} {compiled.sql}"
        values: Any = {"before": NOW, "batch": cleanup.BATCH}
        if compiled.order is not None:
            values = tuple((compiled.constants | values)[name] for name in compiled.order)
        if not on_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(explained, values).all()
    plan = "\n".join(str(row[-1]) for row in rows)
    assert "ix_sessions_ended_at" in plan
    assert "SCAN sessions" not in plan


def test_of_two_nodes_one_is_in_charge_until_its_time_is_over(database: Database) -> None:
    def take(holder: str, now: int) -> bool:
        with database.write() as connection:
            return lease.take(connection, "cleanup", holder, now, 60)

    assert [take("a", NOW), take("b", NOW), take("a", NOW + 30), take("b", NOW + 89)] == [True, False, True, False]
    assert [take("b", NOW + 90), take("a", NOW + 91)] == [True, False]


@pytest.mark.parametrize("now", [NOW, NOW + 60], ids=["nobody's", "another's, over"])
def test_of_eight_nodes_at_once_one_takes_charge(database: Database, now: int) -> None:
    if now > NOW:
        with database.write() as connection:
            lease.take(connection, "cleanup", "gone", NOW, 60)

    def take(number: int) -> bool:
        with database.write() as connection:
            return lease.take(connection, "cleanup", f"node{number}", now, 60)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [False] * 7 + [True]


def test_events_are_kept_for_their_retention_and_no_longer(database: Database) -> None:
    with database.write() as connection:
        events.append(
            connection, [{"at": NOW - 10, "name": "a", "detail": "{}"}, {"at": NOW - 9, "name": "b", "detail": "{}"}]
        )
    assert cleanup.delete_expired(database, NOW, 10, on) == {"events": 1}
    with database.read() as connection:
        assert [event.name for event in events.newest(connection, EventFilter(), 10)] == ["b"]


def test_where_nothing_has_expired_nothing_is_counted(database: Database) -> None:
    assert cleanup.delete_expired(database, NOW, DAY, on) == {}


def test_events_are_found_by_beginning_of_name_person_and_client(database: Database) -> None:
    rows = [
        {"at": 1, "name": "user:login:failed", "sub": None, "client_id": "portal", "detail": "{}"},
        {"at": 2, "name": "user:login:succeeded", "sub": "ada", "client_id": "portal", "detail": "{}"},
        {"at": 3, "name": "token:access_token:issued", "sub": "ada", "client_id": "phone", "detail": "{}"},
    ]
    with database.write() as connection:
        events.append(connection, rows)

    def found(wanted: EventFilter, most: int = 10, after: int = 0) -> list[events.Event]:
        with database.read() as connection:
            return events.newest(connection, wanted, most, after)

    def names(most: int = 10, **wanted: str) -> list[str]:
        return [event.name for event in found(EventFilter(**wanted), most)]

    assert names(name="user:login:") == ["user:login:failed", "user:login:succeeded"]
    assert names(sub="ada") == ["user:login:succeeded", "token:access_token:issued"]
    assert names(client_id="phone") == ["token:access_token:issued"]
    assert names(most=1) == ["token:access_token:issued"]
    assert found(EventFilter(), after=found(EventFilter())[0].id) == found(EventFilter())[1:]
