"""Identities, attempts and mapped roles, on both databases, and in a race."""

from sqlalchemy import Connection, select

from authserver.protocol.token.id_token import OWN_ACR
from authserver.store import sessions, users
from authserver.store.database import Database
from authserver.store.handover import hand_over
from authserver.store.sessions import SignIn, UpstreamSession
from authserver.store.tables import user_roles
from authserver.store.upstream import federation_attempts, identities, upstream_sessions
from authserver.store.upstream.mapped_roles import MappedRole, map_roles
from authserver.store.users import User
from tests.store.at_once import at_once

NOW = 1_800_000_000
BROWSER, OTHER = b"b" * 32, b"o" * 32
ISSUER = "https://id.example.com"


def person(database: Database, username: str = "ada", **values: object) -> str:
    with database.write() as connection:
        return users.add(connection, username=username, now=NOW, **values).sub  # type: ignore[arg-type]


def attempt(database: Database) -> str:
    state = federation_attempts.new_state()
    with database.write() as connection:
        federation_attempts.save(
            connection,
            state,
            purpose="sign_in",
            provider="work",
            browser=BROWSER,
            sealed=b"sealed",
            now=NOW,
            lifetime=60,
        )
    return state


def test_of_sixteen_that_come_back_with_one_state_one_is_taken(database: Database) -> None:
    state = attempt(database)

    def spend(_: int) -> bool:
        with database.write() as connection:
            found = federation_attempts.spend(connection, state, "work", BROWSER, NOW, "sign_in", "link")
        return found is not None

    assert sorted(at_once(spend)) == [False] * 15 + [True]


def test_an_attempt_is_of_one_browser_provider_purpose_and_time(database: Database) -> None:
    state = attempt(database)
    with database.write() as connection:
        for provider, browser, now, purpose in (
            ("work", OTHER, NOW, "sign_in"),
            ("home", BROWSER, NOW, "sign_in"),
            ("work", BROWSER, NOW + 60, "sign_in"),
            ("work", BROWSER, NOW, "prove"),
        ):
            found = federation_attempts.spend(connection, state, provider, browser, now, purpose)  # type: ignore[arg-type]
            assert found is None
        assert federation_attempts.spend(connection, state, "work", BROWSER, NOW + 59, "sign_in") is not None


def test_expired_attempts_are_removed(database: Database) -> None:
    attempt(database)
    with database.write() as connection:
        assert federation_attempts.delete_expired(connection, NOW + 59, 10) == 0
        assert federation_attempts.delete_expired(connection, NOW + 60, 10) == 1


def test_of_many_who_link_one_identity_at_once_one_gets_it(database: Database) -> None:
    people = [person(database, f"person{number}") for number in range(8)]

    def add(number: int) -> bool:
        with database.write() as connection:
            return identities.add(
                connection,
                issuer=ISSUER,
                subject="1",
                sub=people[number],
                provider="work",
                email=None,
                sealed_tokens=None,
                now=NOW,
            )

    assert sorted(at_once(add, len(people))) == [False] * 7 + [True]


def test_a_role_of_two_sources_is_one_role_and_stays_until_both_take_it(database: Database) -> None:
    sub = person(database, roles=["user", "moderator"])
    with database.write() as connection:
        assert _map(connection, sub, ["moderator", "staff"])
        assert not _map(connection, sub, ["staff", "moderator"])
        assert _person(connection, sub).every_role == ("moderator", "staff", "user")
        assert _map(connection, sub, [])
        assert _person(connection, sub).every_role == ("moderator", "user")
        _map(connection, sub, ["staff"])
        users.set_roles(connection, sub, ["guest"], NOW)
        assert _person(connection, sub).every_role == ("guest",)
        assert set(connection.scalars(select(user_roles.c.source))) == {"admin"}


def test_a_role_by_a_provider_counts_in_what_this_one_vouched_for_and_for_a_time(database: Database) -> None:
    sub = person(database, roles=["user"])
    with database.write() as connection:
        _map(connection, sub, ["staff"])
        map_roles(connection, sub, "home", ["guest"], NOW, lifetime=50)
        found = _person(connection, sub)
    assert found.roles == ("user",)
    assert found.mapped == (MappedRole("home", "guest", NOW + 50), MappedRole("work", "staff", NOW + 100))
    for provider, at, roles in (
        (None, NOW, ("user",)),
        ("work", NOW + 99, ("staff", "user")),
        ("work", NOW + 100, ("user",)),
        ("home", NOW, ("guest", "user")),
        ("elsewhere", NOW, ("user",)),
    ):
        assert found.roles_in(provider, at) == roles
    assert found.roles_anywhere(NOW + 50) == ("staff", "user")
    assert found.every_role == ("guest", "staff", "user")


def test_many_who_come_at_once_leave_the_roles_of_one(database: Database) -> None:
    """And nobody meets an error: two may write the same row."""
    sub = person(database, roles=["user"])

    def come(number: int) -> bool:
        with database.write() as connection:
            return map_roles(connection, sub, "work", ["staff", "guest"], NOW, lifetime=100 + number)

    at_once(come, 8)
    with database.read() as connection:
        found = _person(connection, sub)
    assert [(each.provider, each.role) for each in found.mapped] == [("work", "guest"), ("work", "staff")]


def _map(connection: Connection, sub: str, roles: list[str]) -> bool:
    return map_roles(connection, sub, "work", roles, NOW, lifetime=100)


def _person(connection: Connection, sub: str) -> User:
    user = users.get(connection, sub)
    assert user is not None
    return user


def test_the_sessions_of_a_provider_are_found_by_its_session_or_all_and_not_the_later_ones(database: Database) -> None:
    sub = person(database)
    with database.write() as connection:
        begun = {}
        for name, upstream, at in (
            ("own", None, NOW),
            ("first", UpstreamSession("work", "s1"), NOW),
            ("second", UpstreamSession("work", "s2"), NOW),
            ("late", UpstreamSession("work", "s1"), NOW + 100),
        ):
            signing_in = SignIn(sub, (), idle=3600, lifetime=3600, auth_time=at, upstream=upstream)
            begun[name] = sessions.start(connection, signing_in, NOW)[1].sid

        def found(sid: str | None) -> set[str]:
            listed = upstream_sessions.of_upstream(connection, sub, "work", sid, NOW + 50, NOW)
            return {name for name, each in begun.items() if each in listed}

        assert found(None) == {"first", "second"}
        assert found("s1") == {"first"}
        assert found("unknown") == set()
        assert upstream_sessions.people_of_upstream(connection, "work", "s2", NOW) == [sub]
        assert upstream_sessions.people_of_upstream(connection, "home", "s2", NOW) == []


def test_who_confirms_with_a_password_is_still_of_the_provider(database: Database) -> None:
    sub = person(database)
    with database.write() as connection:
        came = SignIn(sub, (), 3600, 3600, upstream=UpstreamSession("work", "s1", b"sealed", "acr"))
        _, session = sessions.start(connection, came, NOW)
        _, renewed = sessions.renew(connection, session, SignIn(sub, ("pwd",), 3600, 3600), NOW + 1)
        assert (renewed.sid, renewed.provider, renewed.acr, renewed.amr) == (session.sid, "work", OWN_ACR, ("pwd",))
        assert upstream_sessions.upstream_id_token(connection, session.sid) == b"sealed"


def test_an_account_that_is_handed_over_keeps_nothing_of_who_had_it(database: Database) -> None:
    sub = person(database, password_hash="hash", email="ada@example.com")
    with database.write() as connection:
        cookie, _ = sessions.start(connection, SignIn(sub, ("pwd",), 3600, 3600), NOW)
        identities.add(
            connection,
            issuer=ISSUER,
            subject="1",
            sub=sub,
            provider="work",
            email=None,
            sealed_tokens=None,
            now=NOW,
        )
        hand_over(connection, sub, NOW)
        user = users.get(connection, sub)
        assert user is not None
        assert (user.password_hash, user.email_verified) == (None, True)
        assert sessions.find(connection, cookie, NOW) is None
        assert identities.of_person(connection, sub) == []


def test_roles_that_a_provider_gave_go_with_a_handover_and_those_of_an_administrator_stay(database: Database) -> None:
    sub = person(database, password_hash="hash", email="ada@example.com")
    with database.write() as connection:
        users.set_roles(connection, sub, ["moderator"], NOW)
        _map(connection, sub, ["moderator", "staff"])
        hand_over(connection, sub, NOW)
        assert _person(connection, sub).every_role == ("moderator",)
