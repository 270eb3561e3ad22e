"""Expired rows are removed, in batches, and nothing else is."""

from typing import Any

from sqlalchemy import Table, func, insert, select

from authserver.store import cleanup, events, tables
from authserver.store.database import Database
from authserver.store.events import Wanted

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
    put(database, tables.authorizations, authorization("old", NOW), authorization("live", NOW + 1))
    put(
        database,
        tables.refresh_tokens,
        refresh_token("a", "old", NOW + 100),
        refresh_token("b", "live", NOW),
        refresh_token("c", "live", NOW + 1),
    )
    assert cleanup.delete_expired(database, NOW, DAY) == {"authorizations": 1, "refresh_tokens": 1}
    assert count(database, tables.authorizations) == 1
    assert count(database, tables.refresh_tokens) == 1


def test_more_rows_than_a_batch_are_removed_in_several(database: Database) -> None:
    rows = [{"jti": f"{number}", "expires_at": NOW - number % 2} for number in range(cleanup.BATCH * 2 + 1)]
    put(database, tables.revoked_access_tokens, *rows, {"jti": "live", "expires_at": NOW + 1})
    assert cleanup.delete_expired(database, NOW, DAY) == {"revoked_access_tokens": cleanup.BATCH * 2 + 1}
    assert count(database, tables.revoked_access_tokens) == 1


def test_events_are_kept_for_their_retention_and_no_longer(database: Database) -> None:
    with database.write() as connection:
        events.append(
            connection, [{"at": NOW - 10, "name": "a", "detail": "{}"}, {"at": NOW - 9, "name": "b", "detail": "{}"}]
        )
    assert cleanup.delete_expired(database, NOW, 10) == {"events": 1}
    with database.read() as connection:
        assert [event.name for event in events.newest(connection, Wanted(), 10)] == ["b"]


def test_where_nothing_has_expired_nothing_is_counted(database: Database) -> None:
    assert cleanup.delete_expired(database, NOW, DAY) == {}


def test_events_are_found_by_beginning_of_name_person_and_client(database: Database) -> None:
    rows = [
        {"at": 1, "name": "user:login:failed", "sub": None, "client_id": "portal", "detail": "{}"},
        {"at": 2, "name": "user:login:succeeded", "sub": "ada", "client_id": "portal", "detail": "{}"},
        {"at": 3, "name": "token:access_token:issued", "sub": "ada", "client_id": "phone", "detail": "{}"},
    ]
    with database.write() as connection:
        events.append(connection, rows)

    def found(wanted: Wanted, most: int = 10, after: int = 0) -> list[events.Event]:
        with database.read() as connection:
            return events.newest(connection, wanted, most, after)

    def names(most: int = 10, **wanted: str) -> list[str]:
        return [event.name for event in found(Wanted(**wanted), most)]

    assert names(name="user:login:") == ["user:login:failed", "user:login:succeeded"]
    assert names(sub="ada") == ["user:login:succeeded", "token:access_token:issued"]
    assert names(client_id="phone") == ["token:access_token:issued"]
    assert names(most=1) == ["token:access_token:issued"]
    assert found(Wanted(), after=found(Wanted())[0].id) == found(Wanted())[1:]
