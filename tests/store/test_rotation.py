"""A refresh token and its successor in the store, alike on both databases."""

import pytest
from sqlalchemy import select

from authserver.store import sessions, users
from authserver.store.allowed import authorizations, refresh_tokens
from authserver.store.allowed.authorizations import Authorization, InvalidGrantError
from authserver.store.allowed.refresh_tokens import Rotation
from authserver.store.allowed.tables import refresh_tokens as table
from authserver.store.database import Database
from authserver.store.sessions import SignIn
from tests.store.people import NOW, start_authorization

IDLE, GRACE = 600, 60


@pytest.fixture
def session(database: Database) -> sessions.Session:
    with database.write() as connection:
        sub = users.add(connection, username="ada", roles=["admin", "user"], now=NOW).sub
        return sessions.start(connection, SignIn(sub, ("pwd",), 3600, 86400), NOW)[1]


def begin(database: Database, session: sessions.Session) -> tuple[Authorization, str]:
    """An authorization that hangs on the session, and its first refresh token."""
    with database.write() as connection:
        key = start_authorization(connection, session.sub, session.sid)
        authorization = authorizations.live(connection, key, NOW)
        assert authorization is not None
        return authorization, refresh_tokens.start(connection, authorization, NOW, IDLE)


def rotate(database: Database, token: str, now: int, idle: int = IDLE) -> Rotation:
    with database.write() as connection:
        return refresh_tokens.rotate(connection, token, "portal", now, idle=idle, grace=GRACE)


def test_a_rotation_gives_what_the_authorization_is_at_this_moment(
    database: Database, session: sessions.Session
) -> None:
    authorization, token = begin(database, session)
    rotation = rotate(database, token, NOW + 1)
    assert rotation.authorization == authorization
    assert rotation.authorization.roles == ("admin", "user")
    assert not rotation.again


@pytest.mark.parametrize("idle", [IDLE, 10**9])
def test_a_successor_lives_on_from_its_own_rotation_but_never_past_its_authorization(
    database: Database, session: sessions.Session, idle: int
) -> None:
    authorization, token = begin(database, session)
    rotate(database, token, NOW + 1, idle)
    with database.read() as connection:
        written = select(table).where(table.c.replaced_at.is_(None))
        row = connection.execute(written).one()
    assert (row.authorization_id, row.client_id, row.issued_at) == (authorization.id, "portal", NOW + 1)
    assert row.expires_at == min(NOW + 1 + idle, authorization.expires_at)


def test_the_token_of_what_has_ended_is_refused_as_that_and_not_as_a_replay_and_stays_unspent(
    database: Database, session: sessions.Session
) -> None:
    authorization, token = begin(database, session)
    with database.write() as connection:
        authorizations.revoke(connection, authorization.id, NOW)
    with pytest.raises(InvalidGrantError) as refused:
        rotate(database, token, NOW + 1)
    assert refused.value.replayed is None
    assert refused.value.reason.startswith("The authorization has ended")
    with database.read() as connection:
        assert connection.execute(select(table.c.replaced_at, table.c.successor)).all() == [(None, None)]


def test_a_rotation_that_is_undone_leaves_the_token_unspent_and_no_successor(
    database: Database, session: sessions.Session
) -> None:
    _authorization, token = begin(database, session)

    def refuse_afterwards() -> None:
        with database.write() as connection:
            refresh_tokens.rotate(connection, token, "portal", NOW + 1, idle=IDLE, grace=GRACE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        refuse_afterwards()
    with database.read() as connection:
        assert connection.execute(select(table.c.replaced_at, table.c.successor)).all() == [(None, None)]
    assert not rotate(database, token, NOW + 1).again


def test_a_successor_that_is_too_old_is_given_no_more_however_long_the_grace(
    database: Database, session: sessions.Session
) -> None:
    authorization, token = begin(database, session)
    rotate(database, token, NOW, idle=GRACE // 2)
    assert rotate(database, token, NOW + GRACE // 2 - 1).again
    with pytest.raises(InvalidGrantError) as refused:
        rotate(database, token, NOW + GRACE // 2)
    assert refused.value.replayed == authorization.id
