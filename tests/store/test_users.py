"""People in the store, on both databases."""

import secrets
from unittest.mock import patch

import pytest

from authserver.store import addresses, directory, sessions, users
from authserver.store.addresses import LoginError
from authserver.store.allowed import authorizations
from authserver.store.database import Database
from authserver.store.sessions import SignIn
from authserver.store.users import User
from tests.store.people import NOW, start_authorization


def add_ada(database: Database) -> User:
    with database.write() as connection:
        return users.add(
            connection,
            username="Ada",
            email="Ada@Example.com",
            password_hash="$argon2id$secret",
            name="Ada Lovelace",
            roles=["user", "admin", "user"],
            now=NOW,
        )


@pytest.mark.parametrize("login", ["ada", " ADA", "ada@example.com", "ADA@EXAMPLE.COM "])
def test_a_person_is_found_by_username_and_by_email_in_any_spelling(database: Database, login: str) -> None:
    ada = add_ada(database)
    with database.read() as connection:
        assert users.by_login(connection, login) == ada
        assert users.get(connection, ada.sub) == ada
    assert (ada.username, ada.email, ada.roles) == ("ada", "Ada@Example.com", ("admin", "user"))


@pytest.mark.parametrize("login", ["", "bob", "ad", "ada@example.org", "a\0da", "ada%", "\ud800"])
def test_nobody_is_found_by_another_login(database: Database, login: str) -> None:
    add_ada(database)
    with database.read() as connection:
        assert users.by_login(connection, login) is None


def test_a_person_without_an_email_address_is_not_found_by_an_empty_login(database: Database) -> None:
    with database.write() as connection:
        users.add(connection, username="bob", now=NOW)
    with database.read() as connection:
        assert users.by_login(connection, "") is None
        assert users.by_login(connection, "@") is None


@pytest.mark.parametrize("taken", [{"username": "ADA"}, {"username": "eve", "email": "ada@EXAMPLE.com"}])
def test_a_taken_login_is_refused_in_any_spelling_and_the_transaction_goes_on(
    database: Database, taken: dict[str, str]
) -> None:
    add_ada(database)
    with database.write() as connection:
        with pytest.raises(LoginError, match="taken"):
            users.add(connection, **taken, now=NOW)  # type: ignore[arg-type]
        users.add(connection, username="bob", now=NOW)
    with database.read() as connection:
        assert [user.username for user in directory.everybody(connection)] == ["ada", "bob"]


def test_a_malformed_login_is_refused(database: Database) -> None:
    with database.write() as connection:
        with pytest.raises(LoginError, match="username"):
            users.add(connection, username="ada@example.com", now=NOW)
        with pytest.raises(LoginError, match="email"):
            users.add(connection, username="ada", email="ada", now=NOW)


def test_subs_are_random_and_differ(database: Database) -> None:
    with database.write() as connection:
        subs = {users.add(connection, username=f"person{number}", now=NOW).sub for number in range(20)}
    assert len(subs) == 20
    assert all(len(sub) == 22 for sub in subs)


def test_the_password_hash_is_not_in_the_representation(database: Database) -> None:
    assert "secret" not in repr(add_ada(database))


def test_roles_are_replaced_whole(database: Database) -> None:
    ada = add_ada(database)
    with database.write() as connection:
        users.set_roles(connection, ada.sub, ["moderator"], NOW + 1)
    with database.read() as connection:
        found = users.get(connection, ada.sub)
    assert found is not None
    assert (found.roles, found.updated_at) == (("moderator",), NOW + 1)


def test_a_disabled_person_loses_sessions_and_authorizations_and_gets_none_back(database: Database) -> None:
    ada = add_ada(database)
    with database.write() as connection:
        cookie, session = sessions.start(connection, SignIn(ada.sub, ("pwd",), 60, 600), NOW)
        authorization = start_authorization(connection, ada.sub, session.sid)
    with database.write() as connection:
        assert users.disable(connection, ada.sub, NOW + 1)
        assert not users.disable(connection, ada.sub, NOW + 2)
    with database.read() as connection:
        assert sessions.find(connection, cookie, NOW + 1) is None
        assert authorizations.live(connection, authorization, NOW + 1) is None
    with database.write() as connection:
        assert users.enable(connection, ada.sub, NOW + 3)
        assert not users.enable(connection, ada.sub, NOW + 3)
    with database.read() as connection:
        assert sessions.find(connection, cookie, NOW + 3) is None
        assert authorizations.live(connection, authorization, NOW + 3) is None


def test_a_session_of_a_disabled_person_is_not_live_even_if_it_began_afterwards(database: Database) -> None:
    ada = add_ada(database)
    with database.write() as connection:
        users.disable(connection, ada.sub, NOW)
        cookie, session = sessions.start(connection, SignIn(ada.sub, ("pwd",), 60, 600), NOW)
    with database.read() as connection:
        assert sessions.find(connection, cookie, NOW) is None
        assert sessions.get(connection, session.sid, NOW) is None


def test_a_new_password_ends_what_the_old_one_gave(database: Database) -> None:
    ada = add_ada(database)
    with database.write() as connection:
        cookie, _ = sessions.start(connection, SignIn(ada.sub, ("pwd",), 60, 600), NOW)
        users.set_password(connection, ada.sub, "new", NOW)
    with database.read() as connection:
        assert sessions.find(connection, cookie, NOW) is None
        found = users.get(connection, ada.sub)
    assert found is not None
    assert found.password_hash == "new"


def test_a_rehash_does_not_undo_a_password_that_changed_meanwhile(database: Database) -> None:
    ada = add_ada(database)
    with database.write() as connection:
        users.set_password(connection, ada.sub, "changed", NOW)
        users.rehash_password(connection, ada.sub, "$argon2id$secret", "rehashed")
    with database.read() as connection:
        found = users.get(connection, ada.sub)
    assert found is not None
    assert found.password_hash == "changed"


def test_no_sub_looks_like_an_option_of_a_command() -> None:
    with patch.object(secrets, "token_urlsafe", side_effect=["-gm0", "--gm", "gm0-"]):
        assert users.new_sub() == "gm0-"


def test_who_is_shut_out_meanwhile_is_not_confirmed_however_right_the_password(database: Database) -> None:
    ada = add_ada(database)
    with database.write() as connection:
        users.set_password(connection, ada.sub, "hash", NOW)
        assert users.confirm(connection, ada.sub, "hash")
        assert not users.confirm(connection, ada.sub, "another")
        users.disable(connection, ada.sub, NOW)
        assert not users.confirm(connection, ada.sub, "hash")


def test_what_ends_for_one_person_goes_on_for_another(database: Database) -> None:
    ada = add_ada(database)
    with database.write() as connection:
        bob = users.add(connection, username="bob", now=NOW).sub
        cookie, session = sessions.start(connection, SignIn(bob, ("pwd",), 60, 600), NOW)
        authorization = start_authorization(connection, bob, session.sid)
        users.end_access(connection, ada.sub, NOW)
        assert sessions.find(connection, cookie, NOW) == session
        assert authorizations.live(connection, authorization, NOW) is not None


def test_a_malformed_address_takes_no_place(database: Database) -> None:
    ada = add_ada(database)
    with database.write() as connection:
        with pytest.raises(LoginError):
            addresses.put(connection, ada.sub, "no address", NOW, is_verified=True)
        assert users.get(connection, ada.sub) == ada
