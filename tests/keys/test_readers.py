"""Who fetches the JWKS, and how a new key waits for those that have not."""

from typing import Any

import pytest

from authserver.keys import Keys, readers
from authserver.keys.readers import MOST, MOST_OF_NETWORK, Seen
from authserver.master_key import MasterKey
from authserver.people_settings import DAY, HOUR
from authserver.store import jwks_readers
from authserver.store import keys as store
from authserver.store.database import Database
from authserver.store.jwks_readers import JwksReader
from tests.conftest import make_settings
from tests.keys.conftest import ISSUER, T0
from tests.keys.moves import rotate
from tests.keys.test_life_cycle import AHEAD, TAKEOVER, active, published

PUBLISHED = TAKEOVER - AHEAD


def fetched(keys: Keys, now: int, agent: str = "reports/1", **changed: Any) -> None:
    usual = {"etag": keys.jwks()[1], "peer": "10.0.0.7", "forwarded_for": "", "query": ""}
    seen = Seen(**usual | changed, user_agent=agent)
    keys.readers.flush(now)
    if not keys.readers.knows(seen):
        keys.readers.note(seen, seen.peer, seen.peer, now)
    keys.readers.flush(now)


def listed(database: Database) -> list[JwksReader]:
    with database.read() as connection:
        return jwks_readers.of(connection)


def turns(keys: Keys, since: int, until: int) -> None:
    """Maintenance as it comes, about every minute where something is near."""
    for now in range(since, until, 60):
        keys.maintain(now)


def test_a_program_is_one_by_address_name_and_hint(keys: Keys, database: Database) -> None:
    fetched(keys, T0)
    fetched(keys, T0 + HOUR)
    fetched(keys, T0, "other/2", query="rs=https%3A%2F%2Freports.example.com&x=1")
    assert [(each.user_agent, each.hint, each.first_at, each.last_at) for each in listed(database)] == [
        ("reports/1", "", T0, T0 + HOUR),
        ("other/2", "https://reports.example.com", T0, T0),
    ]


def test_the_same_program_is_written_down_once_in_a_while_and_at_once_for_another_jwks(
    keys: Keys, database: Database
) -> None:
    fetched(keys, T0)
    fetched(keys, T0 + 100)
    assert listed(database)[0].last_at == T0
    rotate(keys, T0 + 110)
    fetched(keys, T0 + 120)
    assert listed(database)[0].last_at == T0 + 120
    fetched(keys, T0 + 500)
    assert listed(database)[0].last_at == T0 + 500


@pytest.mark.parametrize("text", ["\x1b[2J", "<script>", "a\0b", "\r\nx: y", "ÿ" * 5000, ""])
def test_what_a_program_says_of_itself_is_kept_short_and_plain(keys: Keys, database: Database, text: str) -> None:
    fetched(keys, T0, text, query=f"rs={text}&&;=%FF%00")
    (kept,) = listed(database)
    for each in (kept.user_agent, kept.hint):
        assert len(each) <= 200
        assert each.isascii()
        assert each.isprintable()


def test_a_query_of_any_shape_is_no_fault(keys: Keys) -> None:
    for query in ("rs", "rs=" * 100, "&" * 200, "%", "rs=a&rs=b", "=" * 200):
        fetched(keys, T0, query, query=query)


def test_one_network_and_a_crowd_take_bounded_room(keys: Keys, database: Database) -> None:
    for number in range(MOST + 50):
        seen = Seen("x", "192.0.2.1", "", f"agent {number}", "")
        keys.readers.note(seen, "192.0.2.1", "192.0.2.1", T0)
    keys.readers.flush(T0)
    assert len(listed(database)) == MOST_OF_NETWORK
    for number in range(2 * MOST):
        seen = Seen("x", f"peer {number}", "", "crowd", "")
        keys.readers.note(seen, seen.peer, seen.peer, T0)
    keys.readers.flush(T0)
    assert len(listed(database)) == MOST_OF_NETWORK + MOST


def test_a_crowd_does_not_make_us_forget_who_comes_regularly(database: Database) -> None:
    regular = JwksReader("10.0.0.7", "reports", "", T0, T0)
    later = T0 + 2 * DAY
    crowd = [JwksReader(f"peer {number}", "x", "", later, later) for number in range(jwks_readers.MOST + 9)]
    with database.write() as connection:
        jwks_readers.note(connection, [regular])
        jwks_readers.note(connection, [JwksReader("10.0.0.7", "reports", "", T0 + DAY, T0 + DAY)])
        jwks_readers.note(connection, crowd)
    found = listed(database)
    assert len(found) == jwks_readers.MOST
    assert [each.first_at for each in found if each.user_agent == "reports"] == [T0]


def test_who_has_not_come_for_two_weeks_is_forgotten(keys: Keys, database: Database) -> None:
    fetched(keys, T0)
    fetched(keys, T0 + DAY, "other/2")
    with database.write() as connection:
        assert jwks_readers.delete_old(connection, T0 + 14 * DAY, 500) == 1
    assert [each.user_agent for each in listed(database)] == ["other/2"]


def test_without_storage_nothing_is_lost_that_comes_again(keys: Keys, database: Database) -> None:
    seen = Seen("x", "10.0.0.7", "", "reports/1", "")
    keys.readers.note(seen, "10.0.0.7", "10.0.0.7", T0)
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE jwks_readers RENAME TO gone")
    with pytest.raises(Exception, match="jwks_readers"):
        keys.readers.flush(T0)
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO jwks_readers")
    assert not keys.readers.knows(seen)


def test_a_new_key_waits_for_a_known_api_until_that_has_it(keys: Keys) -> None:
    first = active(keys, T0)
    for day in range(20, 28):
        fetched(keys, T0 + day * DAY)
    turns(keys, PUBLISHED, PUBLISHED + 120)
    turns(keys, TAKEOVER - 400, TAKEOVER + 60)
    assert active(keys, TAKEOVER + 60) == first
    fetched(keys, TAKEOVER + 90)
    turns(keys, TAKEOVER + HOUR - 400, TAKEOVER + HOUR + 60)
    assert active(keys, TAKEOVER + HOUR - 1) == first
    assert active(keys, TAKEOVER + HOUR) == published(keys)[1]


def test_it_waits_no_longer_than_the_setting_says(keys: Keys) -> None:
    first = active(keys, T0)
    for day in range(20, 28):
        fetched(keys, T0 + day * DAY)
    turns(keys, PUBLISHED, PUBLISHED + 120)
    for hour in range(75):
        turns(keys, TAKEOVER + hour * HOUR - 400, TAKEOVER + hour * HOUR + 60)
    assert active(keys, TAKEOVER + 3 * DAY - 1) == first
    assert active(keys, TAKEOVER + 3 * DAY) == published(keys)[1]


@pytest.mark.parametrize(
    "days",
    [
        pytest.param([26], id="who came once"),
        pytest.param([10, 12, 14], id="who stopped long ago"),
        pytest.param([20, 27, 28], id="who has it"),
    ],
)
def test_it_does_not_wait_for(keys: Keys, days: list[int]) -> None:
    keys.maintain(PUBLISHED - 60)
    for day in days:
        keys.maintain(T0 + day * DAY)
        fetched(keys, T0 + day * DAY + 60)
    turns(keys, PUBLISHED, PUBLISHED + 120)
    turns(keys, TAKEOVER - 400, TAKEOVER + 60)
    assert active(keys, TAKEOVER) == published(keys)[1]


def test_it_waits_for_nobody_where_the_setting_is_0(database: Database, master: MasterKey) -> None:
    keys = Keys(database, master, make_settings(issuer=ISSUER, key_hold_back=0))
    keys.maintain(T0)
    for day in range(20, 28):
        fetched(keys, T0 + day * DAY)
    turns(keys, PUBLISHED, PUBLISHED + 120)
    turns(keys, TAKEOVER - 400, TAKEOVER + 60)
    assert active(keys, TAKEOVER) == published(keys)[1]


@pytest.mark.parametrize("begins", ["soon", "at_once"])
def test_a_key_that_is_wanted_now_waits_for_nobody(keys: Keys, begins: Any) -> None:
    for day in range(3):
        fetched(keys, T0 + day * DAY)
    now = T0 + 3 * DAY
    rotate(keys, now)
    now += AHEAD - 200
    made = rotate(keys, now, begins=begins)
    turns(keys, now, now + 60)
    assert active(keys, now + 20) == made.kid


def test_of_many_nodes_one_holds_it_back_and_all_follow(keys: Keys, database: Database, master: MasterKey) -> None:
    another = Keys(database, master, make_settings(issuer=ISSUER))
    first = active(keys, T0)
    for day in range(20, 28):
        fetched(keys, T0 + day * DAY)
    keys.maintain(PUBLISHED)
    another.maintain(PUBLISHED)
    for each in (keys, another):
        each.maintain(TAKEOVER - 200)
    assert active(another, TAKEOVER + 1) == active(keys, TAKEOVER + 1) == first
    with database.read() as connection:
        begins = [row.active_from for row in store.load(connection)]
    assert begins[1] == TAKEOVER + HOUR
    with database.write() as connection:
        kid = store.load(connection)[1].kid
        assert not store.postpone(connection, kid, TAKEOVER, TAKEOVER + 9 * HOUR)
        assert store.postpone(connection, kid, TAKEOVER + HOUR, TAKEOVER + 2 * HOUR)


def test_what_is_behind_is_told_by_key(keys: Keys, database: Database) -> None:
    fetched(keys, T0 + DAY)
    fetched(keys, T0 + 2 * DAY + HOUR)
    made = rotate(keys, T0 + 3 * DAY)
    (reader,) = listed(database)
    assert readers.is_behind(reader, made)
    fetched(keys, T0 + 3 * DAY + 19)
    assert readers.is_behind(listed(database)[0], made)
    fetched(keys, T0 + 4 * DAY)
    assert not readers.is_behind(listed(database)[0], made)
