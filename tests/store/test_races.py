"""The one-way moves, by sixteen callers at once: exactly one wins, and nothing is lost."""

from collections import Counter
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, func, select

from authserver.protocol.digest import digest
from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.store import requests, sessions, users
from authserver.store import signin_failures as failures
from authserver.store.addresses import LoginError
from authserver.store.allowed import access_tokens, authorizations, codes, consents, refresh_tokens
from authserver.store.allowed.authorizations import InvalidGrantError
from authserver.store.allowed.codes import Redeemed, Redemption
from authserver.store.allowed.tables import refresh_tokens as tokens_table
from authserver.store.database import Database
from authserver.store.sessions import SignIn
from authserver.store.tables import sessions as sessions_table
from tests.store.at_once import CALLERS, at_once
from tests.store.people import NOW

CLIENT, URI = "portal", "https://portal.example.com/callback"
REQUEST = BrowserRequest(
    client_id=CLIENT,
    redirect_uri=URI,
    redirect_uri_given=True,
    response_mode="query",
    scope=("openid", "offline_access"),
    audiences=(),
)
IDLE, GRACE = 86400, 60


@dataclass(frozen=True, slots=True)
class Granted:
    sub: str
    sid: str
    key: str
    code: str


@pytest.fixture
def granted(database: Database) -> Granted:
    with database.write() as connection:
        sub = users.add(connection, username="ada", now=NOW).sub
        sid = sessions.start(connection, SignIn(sub, ("pwd",), 3600, 86400), NOW)[1].sid
        key, code = begin(connection, sub, sid)
    return Granted(sub, sid, key, code)


def begin(connection: Connection, sub: str, sid: str) -> tuple[str, str]:
    started = authorizations.start(
        connection,
        REQUEST,
        sub=sub,
        sid=sid,
        auth_time=NOW,
        amr=("pwd",),
        now=NOW,
        code_lifetime=60,
        expires_at=NOW + 10 * IDLE,
    )
    assert started is not None
    return started


def first_token(database: Database, granted: Granted) -> str:
    with database.write() as connection:
        return str(redeem(connection, granted.code).refresh_token)


def redeem(connection: Connection, code: str) -> Redeemed:
    return codes.redeem(connection, Redemption(code, CLIENT, URI, None), NOW, idle=IDLE)


def rotate(database: Database, token: str, grace: int, now: int = NOW) -> str | InvalidGrantError:
    """The successor, or why there is none."""
    try:
        with database.write() as connection:
            return refresh_tokens.rotate(connection, token, CLIENT, now, idle=IDLE, grace=grace).refresh_token
    except InvalidGrantError as error:
        return error


def unused_tokens(database: Database, key: str) -> list[bytes]:
    with database.read() as connection:
        rows = connection.execute(
            select(tokens_table.c.digest).where(
                tokens_table.c.authorization_id == key, tokens_table.c.replaced_at.is_(None)
            )
        )
        return list(rows.scalars())


def test_of_many_redemptions_of_a_code_one_wins_and_the_others_are_replays(
    database: Database, granted: Granted
) -> None:
    def attempt(_number: int) -> str:
        try:
            with database.write() as connection:
                return redeem(connection, granted.code).authorization.id
        except InvalidGrantError as error:
            return f"replay of {error.replayed}"

    assert Counter(at_once(attempt)) == {granted.key: 1, f"replay of {granted.key}": CALLERS - 1}
    assert len(unused_tokens(database, granted.key)) == 1


def test_a_code_of_another_client_is_neither_burnt_nor_replayed_by_a_stranger(
    database: Database, granted: Granted
) -> None:
    def attempt(number: int) -> str:
        client = CLIENT if number == CALLERS // 2 else f"stranger-{number}"
        try:
            with database.write() as connection:
                return codes.redeem(connection, Redemption(granted.code, client, URI, None), NOW).authorization.id
        except InvalidGrantError as error:
            return f"replay of {error.replayed}"

    assert Counter(at_once(attempt)) == {granted.key: 1, "replay of None": CALLERS - 1}


def test_of_many_rotations_within_the_grace_all_get_the_one_successor(database: Database, granted: Granted) -> None:
    token = first_token(database, granted)
    successors = at_once(lambda _number: rotate(database, token, GRACE))
    assert len(set(successors)) == 1
    [successor] = set(successors)
    assert isinstance(successor, str)
    assert unused_tokens(database, granted.key) == [digest(successor)]


def test_of_many_strict_rotations_one_wins_and_the_others_are_replays(database: Database, granted: Granted) -> None:
    token = first_token(database, granted)
    answers = at_once(lambda _number: rotate(database, token, 0))
    winners = [answer for answer in answers if isinstance(answer, str)]
    assert len(winners) == 1
    assert {answer.replayed for answer in answers if isinstance(answer, InvalidGrantError)} == {granted.key}
    assert unused_tokens(database, granted.key) == [digest(winners[0])]


@pytest.mark.parametrize("grace", [0, GRACE])
def test_a_chain_of_parallel_rotations_never_leaves_two_live_tokens(
    database: Database, granted: Granted, grace: int
) -> None:
    first = first_token(database, granted)

    def walk(_number: int) -> int:
        token, steps = first, 0
        for _ in range(4):
            answer = rotate(database, token, grace)
            if isinstance(answer, InvalidGrantError):
                return steps
            token, steps = answer, steps + 1
        return steps

    steps = at_once(walk)
    assert max(steps) == 4
    assert len(unused_tokens(database, granted.key)) == 1


def test_a_revocation_amid_rotations_leaves_no_living_token(database: Database, granted: Granted) -> None:
    token = first_token(database, granted)

    def walk(number: int) -> str:
        current = token
        for step in range(4):
            if number == 0 and step == 1:
                with database.write() as connection:
                    authorizations.revoke(connection, granted.key, NOW)
            answer = rotate(database, current, GRACE)
            current = answer if isinstance(answer, str) else current
        return current

    for last in set(at_once(walk)):
        assert isinstance(rotate(database, last, GRACE), InvalidGrantError)


def test_of_many_revocations_one_says_that_it_did_it(database: Database, granted: Granted) -> None:
    def revoke(_number: int) -> bool:
        with database.write() as connection:
            return authorizations.revoke(connection, granted.key, NOW)

    assert Counter(at_once(revoke)) == {True: 1, False: CALLERS - 1}


def test_of_many_answers_to_one_request_one_is_bound(database: Database, granted: Granted) -> None:
    with database.write() as connection:
        handle = requests.save(connection, REQUEST, bytes(32), NOW, 60)

    def answer(_number: int) -> str | None:
        with database.write() as connection:
            key, _code = begin(connection, granted.sub, granted.sid)
            if requests.answer(connection, handle, key):
                return key
            connection.rollback()
            return None

    answers = at_once(answer)
    assert len([key for key in answers if key]) == 1
    with database.read() as connection:
        pending = requests.find(connection, handle, bytes(32), NOW)
    assert pending is not None
    assert pending.authorization_id in answers


def test_a_denial_amid_answers_is_final_or_came_too_late(database: Database, granted: Granted) -> None:
    with database.write() as connection:
        handle = requests.save(connection, REQUEST, bytes(32), NOW, 60)

    def act(number: int) -> bool:
        with database.write() as connection:
            if number % 2:
                requests.deny(connection, handle, NOW)
                return False
            key, _code = begin(connection, granted.sub, granted.sid)
            return requests.answer(connection, handle, key)

    answered = any(at_once(act))
    with database.read() as connection:
        pending = requests.find(connection, handle, bytes(32), NOW)
    assert pending is not None
    assert pending.progress.denied
    assert (pending.authorization_id is not None) is answered


def test_consents_given_at_once_are_all_remembered(database: Database, granted: Granted) -> None:
    def allow(number: int) -> None:
        with database.write() as connection:
            consents.remember(
                connection, granted.sub, CLIENT, (f"scope-{number}",), (f"https://api{number}.example.com",), NOW
            )

    at_once(allow)
    with database.read() as connection:
        remembered = consents.find(connection, granted.sub, CLIENT)
    assert remembered.scope == {f"scope-{number}" for number in range(CALLERS)}
    assert remembered.audiences == {f"https://api{number}.example.com" for number in range(CALLERS)}


def test_failed_sign_ins_at_once_are_all_counted(database: Database) -> None:
    account = failures.account(None, "ada")

    def attempt(_number: int) -> bool:
        with database.write() as connection:
            return failures.attempt(connection, account, NOW, free=5, longest=900) == 0

    assert Counter(at_once(attempt)) == {True: 5, False: CALLERS - 5}


def test_of_many_renewals_of_a_session_at_most_one_cookie_lives_for_each(database: Database, granted: Granted) -> None:
    sign_in = SignIn(granted.sub, ("pwd",), 3600, 86400)
    with database.read() as connection:
        old = sessions.get(connection, granted.sid, NOW)
    assert old is not None

    def renew(_number: int) -> str:
        with database.write() as connection:
            return sessions.renew(connection, old, sign_in, NOW)[0]

    cookies = at_once(renew)
    with database.read() as connection:
        alive = [cookie for cookie in cookies if sessions.find(connection, cookie, NOW)]
        rows = connection.execute(select(func.count()).select_from(sessions_table)).scalar()
    assert len(alive) == 1
    assert rows == 1


def test_an_access_token_is_revoked_by_many_at_once_without_a_fault(database: Database) -> None:
    def revoke(_number: int) -> None:
        with database.write() as connection:
            access_tokens.revoke(connection, "jti", NOW + 60)

    at_once(revoke)
    with database.read() as connection:
        assert access_tokens.subject(connection, "jti", NOW) is None


def test_a_person_is_added_once_however_many_ask(database: Database) -> None:
    def add(number: int) -> bool:
        try:
            with database.write() as connection:
                users.add(connection, username="Grace" if number % 2 else "grace", now=NOW)
        except LoginError:
            return False
        return True

    assert Counter(at_once(add)) == {True: 1, False: CALLERS - 1}
