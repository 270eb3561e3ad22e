"""A signing key from publication to removal, with a clock that the test moves."""

import base64
import json
import logging
from typing import Any
from unittest.mock import Mock

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from authserver.keys import InvalidToken, Keys
from authserver.keys.change import Resealed, change_master_key
from authserver.master_key import MasterKey, MasterKeyError, new_key
from authserver.people_settings import DAY, HOUR, MINUTE
from authserver.settings import Settings
from authserver.store import keys as store
from authserver.store.database import Database
from tests.conftest import make_settings
from tests.keys.conftest import ISSUER, T0, MakeKeys
from tests.keys.moves import revoke, rotate

AHEAD = 48 * HOUR
TAKEOVER = T0 + 30 * DAY
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def claims(now: int, lifetime: int = 30 * MINUTE) -> dict[str, Any]:
    return {"iss": ISSUER, "sub": "ada", "iat": now, "exp": now + lifetime}


def kid(token: str) -> str:
    header = json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))
    return str(header["kid"])


def published(keys: Keys) -> list[str]:
    return [key["kid"] for key in json.loads(keys.jwks()[0])["keys"]]


def active(keys: Keys, now: int) -> str:
    return kid(keys.sign(claims(now), "at+jwt", now))


def test_the_first_key_is_active_at_once(keys: Keys) -> None:
    assert published(keys) == [active(keys, T0)]


def test_the_next_key_is_published_two_days_before_it_signs(keys: Keys) -> None:
    first = active(keys, T0)
    keys.maintain(TAKEOVER - AHEAD - 1)
    assert published(keys) == [first]
    keys.maintain(TAKEOVER - AHEAD)
    assert len(published(keys)) == 2
    assert active(keys, TAKEOVER - 1) == first
    assert active(keys, TAKEOVER) == published(keys)[1]


def test_a_turn_with_nothing_due_reads_the_keys_once(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    load = Mock(wraps=store.load)
    monkeypatch.setattr(store, "load", load)
    keys.maintain(T0 + DAY)
    assert load.call_count == 1


def test_a_token_signed_before_a_rotation_verifies_until_it_expires(keys: Keys) -> None:
    keys.maintain(TAKEOVER - AHEAD)
    token = keys.sign(claims(TAKEOVER - 1, HOUR), "at+jwt", TAKEOVER - 1)
    for now in (TAKEOVER, TAKEOVER + MINUTE, TAKEOVER + HOUR - 2):
        keys.maintain(now)
        assert keys.verify(token, "at+jwt", now=now)["sub"] == "ada"
    with pytest.raises(InvalidToken, match="expired"):
        keys.verify(token, "at+jwt", now=TAKEOVER + HOUR - 1)


def test_a_jwks_cached_a_minute_before_a_scheduled_rotation_knows_the_new_key(keys: Keys) -> None:
    keys.maintain(TAKEOVER - AHEAD)
    cached = KeySet.import_key_set(json.loads(keys.jwks()[0]))
    keys.maintain(TAKEOVER)
    for now in (TAKEOVER - MINUTE, TAKEOVER, TAKEOVER + DAY):
        token = keys.sign(claims(now), "at+jwt", now)
        assert jwt.decode(token, cached, algorithms=["RS256"]).claims["iat"] == now


def test_a_retired_key_stays_a_week_and_is_then_removed(keys: Keys) -> None:
    first = active(keys, T0)
    keys.maintain(TAKEOVER - AHEAD)
    keys.maintain(TAKEOVER + 7 * DAY - 1)
    assert first in published(keys)
    keys.maintain(TAKEOVER + 7 * DAY)
    assert first not in published(keys)


def test_a_retired_key_outlives_every_token_however_short_it_is_retained(database: Database, master: MasterKey) -> None:
    keys = Keys(database, master, make_settings(issuer=ISSUER, key_retain=HOUR))
    keys.maintain(T0)
    keys.maintain(TAKEOVER - AHEAD)
    token = keys.sign(claims(TAKEOVER + MINUTE, HOUR), "at+jwt", TAKEOVER - 1)
    keys.maintain(TAKEOVER + HOUR)
    assert keys.verify(token, "at+jwt", now=TAKEOVER + HOUR)


def test_a_server_that_slept_through_a_rotation_publishes_ahead_all_the_same(keys: Keys) -> None:
    first = active(keys, T0)
    late = TAKEOVER + 100 * DAY
    keys.maintain(late)
    assert active(keys, late + AHEAD - 1) == first
    assert active(keys, late + AHEAD) != first


@pytest.mark.slow
def test_for_years_there_is_always_one_active_key_and_never_a_gap(keys: Keys) -> None:
    seen = set()
    for now in range(T0, T0 + 400 * DAY, 7 * HOUR):
        keys.maintain(now)
        token = keys.sign(claims(now), "at+jwt", now)
        assert keys.verify(token, "at+jwt", now=now)
        assert 1 <= len(published(keys)) <= 3
        seen.add(kid(token))
    assert len(seen) == 14


def test_rotate_publishes_a_key_that_begins_two_days_later(keys: Keys) -> None:
    first = active(keys, T0)
    successor = rotate(keys, T0 + DAY)
    assert successor.kid in published(keys)
    assert active(keys, T0 + DAY + AHEAD - 1) == first
    assert active(keys, T0 + DAY + AHEAD) == successor.kid


def test_rotate_at_once_lets_the_waiting_key_begin(keys: Keys) -> None:
    waiting = rotate(keys, T0)
    assert rotate(keys, T0 + 5, begins="at_once").kid == waiting.kid
    assert active(keys, T0 + 5) == waiting.kid


def test_rotating_twice_makes_one_next_key(keys: Keys) -> None:
    assert rotate(keys, T0).kid == rotate(keys, T0 + 1).kid
    assert len(published(keys)) == 2


def test_a_worker_verifies_a_token_of_a_key_that_another_has_just_made(keys: Keys, another: MakeKeys) -> None:
    worker = another()
    worker.refresh(T0)
    rotate(keys, T0 + 1, begins="at_once")
    token = keys.sign(claims(T0 + 1), "at+jwt", T0 + 1)
    assert worker.verify(token, "at+jwt", now=T0 + 1)


def test_revoking_the_active_key_makes_another_active_at_once(keys: Keys) -> None:
    token = keys.sign(claims(T0), "at+jwt", T0)
    assert revoke(keys, kid(token), T0 + 1)
    assert kid(token) not in published(keys)
    assert published(keys) == [active(keys, T0 + 1)]
    with pytest.raises(InvalidToken, match="kid"):
        keys.verify(token, "at+jwt", now=T0 + 1)


def test_revoking_the_active_key_lets_the_waiting_one_begin(keys: Keys) -> None:
    waiting = rotate(keys, T0).kid
    assert revoke(keys, active(keys, T0), T0 + 1)
    assert active(keys, T0 + 1) == waiting
    assert published(keys) == [waiting]


def test_revoking_the_waiting_key_leaves_the_active_one_alone(keys: Keys) -> None:
    first = active(keys, T0)
    assert revoke(keys, rotate(keys, T0).kid, T0 + 1)
    for now in (T0 + 1, T0 + AHEAD, T0 + 3 * DAY):
        keys.maintain(now)
        assert published(keys) == [first]


def test_a_key_is_revoked_once_and_an_unknown_one_never(keys: Keys) -> None:
    kid = active(keys, T0)
    assert revoke(keys, kid, T0 + 1)
    assert not revoke(keys, kid, T0 + 2)
    assert not revoke(keys, "unknown", T0 + 2)


def test_a_revoked_key_has_no_private_part_left_in_the_database(keys: Keys, database: Database) -> None:
    kid = active(keys, T0)
    revoke(keys, kid, T0 + 1)
    with database.read() as connection:
        rows = {row.kid: row for row in store.load(connection)}
    assert rows[kid].private_key == b""
    keys.maintain(T0 + 8 * DAY)
    with database.read() as connection:
        assert kid not in {row.kid for row in store.load(connection)}


def test_a_clock_behind_the_one_that_rotated_signs_with_a_published_key(keys: Keys, another: MakeKeys) -> None:
    revoke(keys, active(keys, T0), T0 + 30)
    late = another()
    late.refresh(T0)
    assert active(late, T0) in published(keys)


def test_no_private_member_is_ever_published(keys: Keys) -> None:
    keys.maintain(T0, {"RS256", "ES256"})
    rotate(keys, T0)
    for key in json.loads(keys.jwks()[0])["keys"]:
        assert not PRIVATE & key.keys()
        assert key["use"] == "sig"
        assert key["kid"]


def test_workers_publish_the_same_bytes_and_the_etag_follows_them(keys: Keys, another: MakeKeys) -> None:
    other = another()
    other.refresh(T0 + 1)
    assert other.jwks() == keys.jwks()
    before = keys.jwks()[1]
    rotate(keys, T0)
    assert keys.jwks()[1] != before


def test_no_private_key_is_in_a_repr_or_a_log(
    keys: Keys, database: Database, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    revoke(keys, rotate(keys, T0, begins="at_once").kid, T0 + 1)
    with database.read() as connection:
        rows = store.load(connection)
    output = capsys.readouterr()
    said = repr(rows) + repr(keys._snapshot) + repr(keys) + caplog.text + output.out + output.err
    for row in rows:
        if row.private_key:
            assert row.private_key.decode()[:20] not in said
    assert "private" not in said.lower()


def test_the_database_alone_signs_nothing(keys: Keys, database: Database, settings: Settings) -> None:
    with database.read() as connection:
        assert all(b"0\x82" not in row.private_key for row in store.load(connection))
    thief = Keys(database, MasterKey([new_key()], "a thief"), settings)
    with pytest.raises(MasterKeyError, match="add the old key"):
        thief.maintain(T0)
    with pytest.raises(MasterKeyError, match="add the old key"):
        thief.wait("RS256", T0)


def test_a_key_written_into_the_database_by_another_hand_is_not_published(
    keys: Keys, database: Database, another: MakeKeys
) -> None:
    sealed_elsewhere = MasterKey([new_key()], "a test").seal(b"foreign")
    with database.write() as connection:
        store.publish(connection, store.SigningKey("k" * 43, "RS256", 9, sealed_elsewhere, T0, T0))
    keys.maintain(T0 + 1)
    assert "k" * 43 not in published(keys)
    assert keys.verify(keys.sign(claims(T0), "at+jwt", T0 + 1), "at+jwt", now=T0 + 1)


def test_after_change_master_key_the_new_key_alone_does_everything(database: Database, settings: Settings) -> None:
    old, new = new_key(), new_key()
    before = Keys(database, MasterKey([old], "a test"), settings)
    before.maintain(T0, {"RS256", "ES256"})
    token = before.sign(claims(T0), "at+jwt", T0)

    both = MasterKey([new, old], "a test")
    assert change_master_key(database, both)["signing_keys"] == Resealed(total=2, changed=2)
    assert change_master_key(database, both)["signing_keys"] == Resealed(total=2, changed=0)

    after = Keys(database, MasterKey([new], "a test"), settings)
    after.maintain(T0, {"RS256", "ES256"})
    assert after.verify(token, "at+jwt", now=T0)
    assert after.sign(claims(T0), "at+jwt", T0) == token
    assert rotate(after, T0, begins="at_once")
    with pytest.raises(MasterKeyError):
        Keys(database, MasterKey([old], "a test"), settings).refresh(T0)


def test_changing_to_a_master_key_that_opens_nothing_changes_nothing(
    keys: Keys, database: Database, settings: Settings, another: MakeKeys
) -> None:
    with pytest.raises(MasterKeyError):
        change_master_key(database, MasterKey([new_key()], "a test"))
    another().refresh(T0)


def test_with_a_lost_master_key_the_old_keys_are_revoked_and_the_server_starts_again(
    keys: Keys, database: Database, settings: Settings
) -> None:
    rotate(keys, T0, begins="at_once")
    after = MasterKey([new_key()], "a test")
    for kid in published(keys):
        assert revoke(Keys(database, after, settings), kid, T0 + 1)
    server = Keys(database, after, settings)
    server.maintain(T0 + 1)
    assert published(server) == [active(server, T0 + 1)]
