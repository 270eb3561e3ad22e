"""One person with ten thousand authorizations and sessions: each list comes by page, and none misses anything."""

from collections.abc import Iterator
from dataclasses import asdict

import pytest
from sqlalchemy import Connection, insert

from authserver.store import sessions
from authserver.store.allowed import applications, granted
from authserver.store.allowed.tables import authorizations, consents
from authserver.store.database import Database
from authserver.store.place import FIRST, Place
from authserver.store.tables import sessions as table
from authserver.store.tables import users

NOW, LATER = 100_000, 10**9
PERSON = {"email_verified": False, "created_at": 1, "updated_at": 1}
YES = {
    "sid": "",
    "audiences": "",
    "offline": True,
    "amr": "pwd",
    "expires_at": LATER,
    "code_expires_at": 1,
    "redirect_uri": "",
    "redirect_uri_given": True,
}
MANY = 10_000
# Of one client nearly all, of the others a few each.
BUSY, OTHERS, EACH = "monitor", 60, 2


@pytest.fixture
def ada(database: Database) -> str:
    with database.write() as connection:
        for sub in ("ada", "bob"):
            connection.execute(insert(users), {"sub": sub, "username": sub, **PERSON})
        _allow(connection, "ada", BUSY, range(MANY))
        for number in range(OTHERS):
            _allow(connection, "ada", f"client{number:02}", range(EACH))
        _allow(connection, "bob", "of-bob", range(1))
        # Consents without an authorization, and an authorization that is over without a consent.
        row = {"sub": "ada", "scope": "openid email", "audiences": "", "granted_at": 7}
        connection.execute(insert(consents), [row | {"client_id": each} for each in ("allowed", BUSY)])
        _allow(connection, "ada", "over", range(1), revoked_at=5)
    return "ada"


def _allow(connection: Connection, sub: str, client_id: str, times: range, **more: object) -> None:
    rows = [
        {"id": f"{sub}-{client_id}-{n}"[-32:], "client_id": client_id, "sub": sub, "created_at": n + 1, **YES, **more}
        | {"code_digest": f"{sub}-{client_id}-{n}".encode(), "scope": "openid" if n else "openid profile"}
        for n in times
    ]
    connection.execute(insert(authorizations), rows)


def _pages(connection: Connection, sub: str, most: int) -> Iterator[list[applications.Application]]:
    after = ""
    while found := applications.page(connection, sub, NOW, after=after, most=most):
        yield found
        after = found[-1].client_id


def test_every_application_is_on_one_page_and_none_that_is_over(database: Database, ada: str) -> None:
    with database.read() as connection:
        pages = list(_pages(connection, ada, 25))
        whole = list(applications.of_person(connection, ada, NOW))
    assert [len(page) for page in pages] == [25, 25, 12]
    assert [each.client_id for page in pages for each in page] == [each.client_id for each in whole]
    assert sorted(each.client_id for each in whole) == [
        "allowed",
        *(f"client{number:02}" for number in range(OTHERS)),
        BUSY,
    ]


def test_of_one_application_the_newest_authorizations_and_the_consent_say_what_it_may(
    database: Database, ada: str
) -> None:
    with database.read() as connection:
        busy = applications.of_client(connection, ada, BUSY, NOW)
        few = applications.of_client(connection, ada, "client00", NOW)
        assert applications.of_client(connection, ada, "over", NOW) is None
        assert applications.of_client(connection, ada, "of-bob", NOW) is None
    assert busy is not None
    assert few is not None
    assert (busy.scope, busy.since, busy.last_used) == (frozenset({"openid", "email"}), 7, MANY)
    assert (few.scope, few.since, few.last_used) == (frozenset({"openid", "profile"}), 1, EACH)


@pytest.mark.parametrize("client_id", ["", BUSY])
def test_authorizations_come_newest_first_each_once_whichever_client_they_are_of(
    database: Database, ada: str, client_id: str
) -> None:
    with database.read() as connection:
        everything = granted.page(connection, ada, NOW, client_id=client_id, most=MANY * 2)
        met, after = list[granted.Granted](), FIRST
        for _ in range(30):
            found = granted.page(connection, ada, NOW, client_id=client_id, after=after, most=7)
            met += found
            after = Place(found[-1].created_at, found[-1].id)
        last = granted.page(connection, ada, NOW, client_id=client_id, after=Place(2, ""), most=MANY)
    assert len(everything) == MANY + (0 if client_id else OTHERS * EACH)
    assert everything == sorted(everything, key=lambda each: (-each.created_at, each.id))
    assert met == everything[: len(met)]
    assert last == [each for each in everything if each.created_at <= 2]


def test_sessions_come_newest_first_each_once(database: Database, ada: str) -> None:
    with database.write() as connection:
        row = {"sub": ada, "amr": "pwd", "last_seen_at": NOW, "idle": LATER, "expires_at": LATER, "completed_at": 1}
        rows = [row | {"digest": str(n).encode(), "sid": f"s{n}", "created_at": n // 3} for n in range(1000)]
        connection.execute(insert(table), rows)
    with database.read() as connection:
        met, after = list[str](), FIRST
        while found := sessions.page(connection, ada, NOW, after=after, most=70):
            met += [each.sid for each in found]
            after = Place(found[-1].created_at, found[-1].sid)
        everything = sessions.of_person(connection, ada, NOW)
    assert len(met) == 1000
    assert set(met) == {each.sid for each in everything}
    assert [asdict(each)["sid"] for each in everything if each.created_at == 333] == [met[0]]
