"""Second factors in the store: each code, and each recovery code, is taken once."""

import pytest

from authserver.protocol.factors import recovery_code
from authserver.store import begun_sessions, users
from authserver.store.database import Database
from authserver.store.factors import held, recovery_codes, totp
from authserver.store.sessions import SignIn
from tests.store.at_once import at_once
from tests.store.people import NOW

SECRET, STEP = "JBSWY3DPEHPK3PXP", 1000


@pytest.fixture
def sub(database: Database) -> str:
    with database.write() as connection:
        return users.add(connection, username="ada", now=NOW).sub


@pytest.fixture
def app(database: Database, sub: str) -> str:
    with database.write() as connection:
        assert totp.add(connection, sub, "Phone", SECRET, b"sealed", STEP, NOW)
        (app,) = totp.of_person(connection, sub)
    return app.id


def test_of_sixteen_at_once_one_takes_a_step(database: Database, sub: str, app: str) -> None:
    def take(_: int) -> bool:
        with database.write() as connection:
            return totp.spend(connection, sub, app, STEP + 1, NOW)

    assert sum(at_once(take)) == 1


def test_a_step_is_not_taken_after_a_later_one_or_by_somebody_else(database: Database, sub: str, app: str) -> None:
    with database.write() as connection:
        other = users.add(connection, username="mia", now=NOW).sub
        assert not totp.spend(connection, other, app, STEP + 1, NOW)
        taken = [totp.spend(connection, sub, app, STEP + step, NOW) for step in (0, 2, 1, 2, 3)]
    assert taken == [False, True, False, False, True]


def test_a_secret_is_kept_once_for_everybody(database: Database, sub: str, app: str) -> None:
    with database.write() as connection:
        other = users.add(connection, username="mia", now=NOW).sub
        assert not totp.add(connection, sub, "Again", SECRET, b"sealed", STEP, NOW)
        assert not totp.add(connection, other, "Theirs", SECRET, b"sealed", STEP, NOW)


def test_of_sixteen_at_once_one_spends_a_recovery_code(database: Database, sub: str) -> None:
    kept = recovery_code.code_digest(sub, "A" * 16)
    with database.write() as connection:
        recovery_codes.replace(connection, sub, [kept], NOW)

    def spend(_: int) -> bool:
        with database.write() as connection:
            return recovery_codes.spend(connection, sub, kept, NOW)

    assert sum(at_once(spend)) == 1
    with database.read() as connection:
        assert recovery_codes.left(connection, sub) == 0


def test_of_sixteen_at_once_one_completes_what_was_begun(database: Database, sub: str) -> None:
    with database.write() as connection:
        cookie, _ = begun_sessions.begin(connection, SignIn(sub, ("pwd",), 3600, 600), NOW)

    def take(_: int) -> bool:
        with database.write() as connection:
            return begun_sessions.take(connection, cookie, NOW) is not None

    assert sum(at_once(take)) == 1


def test_a_person_who_is_gone_leaves_none(database: Database, sub: str, app: str) -> None:
    with database.write() as connection:
        recovery_codes.replace(connection, sub, [recovery_code.code_digest(sub, "A" * 16)], NOW)
        users.remove(connection, sub, NOW)
        assert (held.of_person(connection, sub), recovery_codes.left(connection, sub)) == ([], 0)
