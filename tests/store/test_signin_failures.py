"""Failed sign-ins in a row, on both databases."""

from concurrent.futures import ThreadPoolExecutor

from authserver.store import signin_failures
from authserver.store.database import Database
from authserver.store.signin_failures import account

NOW = 1_800_000_000
ADA = account("sub-of-ada", "ada")


def attempt(database: Database, now: int, who: bytes = ADA, free: int = 5, longest: int = 900) -> int:
    with database.write() as connection:
        return signin_failures.attempt(connection, who, now, free=free, longest=longest)


def test_the_first_attempts_need_no_wait_and_the_next_does(database: Database) -> None:
    assert [attempt(database, NOW) for _ in range(5)] == [0, 0, 0, 0, 0]
    assert attempt(database, NOW) == 10
    assert attempt(database, NOW + 9) == 1
    assert attempt(database, NOW + 10) == 0


def test_each_wait_is_twice_the_last_up_to_the_longest_and_always_ends(database: Database) -> None:
    now, waits = NOW, []
    for _ in range(5):
        attempt(database, now)
    for _ in range(10):
        waits.append(attempt(database, now))
        now += waits[-1]
        assert attempt(database, now) == 0
    assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


def test_a_longest_wait_below_the_first_is_kept(database: Database) -> None:
    for _ in range(3):
        assert attempt(database, NOW, free=3, longest=1) == 0
    assert attempt(database, NOW, free=3, longest=1) == 1
    assert attempt(database, NOW + 1, free=3, longest=1) == 0


def test_a_success_forgets_the_failures(database: Database) -> None:
    for _ in range(5):
        attempt(database, NOW)
    with database.write() as connection:
        signin_failures.forget(connection, ADA)
    assert [attempt(database, NOW) for _ in range(5)] == [0, 0, 0, 0, 0]


def test_one_account_s_failures_are_nothing_to_another(database: Database) -> None:
    for _ in range(9):
        attempt(database, NOW)
    assert attempt(database, NOW, account("sub-of-bob", "bob")) == 0


def test_an_account_is_one_under_all_its_logins() -> None:
    assert account("sub", "ada") == account("sub", "ada@example.com")
    assert account(None, "ada") != account(None, "ada@example.com")
    assert account("ada", "x") != account(None, "ada")


def test_of_many_attempts_at_once_only_the_free_ones_pass(database: Database) -> None:
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: attempt(database, NOW), range(16)))
    assert sorted(waits) == [0] * 5 + [10] * 11


def test_a_clock_that_was_set_back_shuts_nobody_out(database: Database) -> None:
    for _ in range(6):
        attempt(database, NOW)
    assert attempt(database, NOW - 86400) == 0


def test_accounts_without_a_failure_for_a_day_are_forgotten_in_batches(database: Database) -> None:
    for number in range(3):
        attempt(database, NOW, account(None, f"nobody{number}"))
    attempt(database, NOW + 1)
    with database.write() as connection:
        day_later = NOW + signin_failures.FORGOTTEN_AFTER
        assert signin_failures.delete_expired(connection, day_later - 1, 10) == 0
        assert signin_failures.delete_expired(connection, day_later, 2) == 2
        assert signin_failures.delete_expired(connection, day_later, 2) == 1


def test_an_attempt_that_is_taken_back_was_no_failure(database: Database) -> None:
    for _ in range(20):
        assert attempt(database, NOW, free=1) == 0
        with database.write() as connection:
            signin_failures.take_back(connection, ADA)
    with database.write() as connection:
        signin_failures.take_back(connection, ADA)
        signin_failures.take_back(connection, account("nobody", "nobody"))
    assert [attempt(database, NOW, free=1) for _ in range(2)] == [0, 10]
