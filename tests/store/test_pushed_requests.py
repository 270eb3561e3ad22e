"""A pushed request is claimed by one browser, and answered once, on both databases and in a race."""

from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.store import requests
from authserver.store.database import Database
from tests.store.at_once import at_once

NOW = 1_800_000_000
BROWSERS = [bytes([number]) * 32 for number in range(16)]
REQUEST = BrowserRequest(
    client_id="portal",
    scope=("openid",),
    audiences=("https://reports.example.com",),
    redirect_uri="https://portal.example.com/callback",
    redirect_uri_given=True,
    response_mode="query",
)


def pushed(database: Database) -> str:
    with database.write() as connection:
        return requests.push(connection, REQUEST, NOW, 60)


def claim(database: Database, handle: str, browser: bytes, now: int = NOW) -> bool:
    with database.write() as connection:
        return requests.claim(connection, handle, browser, now, 1800)


def find(database: Database, handle: str, browser: bytes | None, now: int = NOW) -> requests.PendingRequest | None:
    with database.read() as connection:
        return requests.find_pushed(connection, handle, "portal", browser, now)


def test_of_sixteen_browsers_at_once_one_claims_it(database: Database) -> None:
    handle = pushed(database)
    claimed = at_once(lambda number: claim(database, handle, BROWSERS[number]))
    assert sorted(claimed) == [False] * 15 + [True]
    owner = BROWSERS[claimed.index(True)]
    assert [browser for browser in BROWSERS if find(database, handle, browser)] == [owner]
    assert find(database, handle, None) is None


def test_of_sixteen_answers_at_once_one_counts(database: Database) -> None:
    handle = pushed(database)

    def answer(number: int) -> bool:
        with database.write() as connection:
            if number % 2:
                return requests.spend(connection, handle, NOW)
            return requests.answer(connection, handle, f"a{number}")

    assert sorted(at_once(answer)) == [False] * 15 + [True]
    assert not claim(database, handle, BROWSERS[0])


def test_it_is_nobodys_until_it_is_claimed_and_then_has_the_time_of_a_person(database: Database) -> None:
    handle = pushed(database)
    found = find(database, handle, BROWSERS[0], NOW + 59)
    assert found is not None
    assert (found.is_claimed, found.request) == (False, REQUEST)
    assert find(database, handle, BROWSERS[0], NOW + 60) is None
    assert not claim(database, handle, BROWSERS[0], NOW + 60)
    assert claim(database, handle, BROWSERS[0], NOW + 59)
    claimed = find(database, handle, BROWSERS[0], NOW + 1858)
    assert claimed is not None
    assert claimed.is_claimed
    assert find(database, handle, BROWSERS[0], NOW + 1859) is None
    with database.read() as connection:
        assert requests.find(connection, handle, BROWSERS[0], NOW) is not None
        # To a page it is no request before a browser came with it, and to another client it never is.
        assert requests.find(connection, pushed(database), BROWSERS[0], NOW) is None
        assert requests.find_pushed(connection, handle, "intranet", BROWSERS[0], NOW) is None
