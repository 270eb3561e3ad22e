"""What can be wrong with an installation itself: keys, database, Redis, disk, providers, the node."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client
from cryptography.fernet import Fernet
from sqlalchemy import text

from authserver.doctor.database import database as look_at_database
from authserver.doctor.keys import keys as look_at_keys
from authserver.doctor.machine import GIB, clock_of_database, disk
from authserver.doctor.node import node
from authserver.doctor.providers import providers
from authserver.doctor.redis import redis
from authserver.keys import Keys
from authserver.master_key import MasterKey
from authserver.protocol.provider import Provider
from authserver.store import keys as stored
from authserver.store.database import Database
from authserver.store.upkeep import condition, migrations
from tests.conftest import make_settings
from tests.doctor.conftest import told
from tests.doctor.proxy import proxied
from tests.ports import free_port
from tests.serve.conftest import Running
from tests.test_writable import only_read

NOW, DAY = 1_800_000_000, 86400


@pytest.fixture
def master() -> MasterKey:
    return MasterKey([Fernet.generate_key().decode()], "the tests")


def test_a_sound_database_is_well(database: Database) -> None:
    assert told(look_at_database(database, NOW, DAY)) == told(clock_of_database(database)) == []


def test_a_schema_that_is_not_of_this_release(database: Database) -> None:
    change = "UPDATE alembic_version SET version_num = '{}'"
    ours = migrations.schema(database).revision
    with database.write() as connection:
        connection.exec_driver_sql(change.format("0001"))
    try:
        ((level, _, found),) = told(look_at_database(database, NOW, DAY))
    finally:
        # The tables of a PostgreSQL are there for other tests, too.
        with database.write() as connection:
            connection.exec_driver_sql(change.format(ours))
    assert (level, "authserver db upgrade" in found) == ("fault", True)


def test_a_database_that_keeps_no_writes(database: Database) -> None:
    only_read(database)
    ((level, part, found),) = told(look_at_database(database, NOW, DAY))
    assert (level, part) == ("fault", "database")
    assert "keeps no writes" in found


def test_keys_that_the_master_key_opens_and_keys_that_it_does_not(database: Database, master: MasterKey) -> None:
    settings = make_settings()
    Keys(database, master, settings).maintain(NOW)
    with database.read() as connection:
        rows = stored.load(connection)
    assert told(look_at_keys(settings, master, rows, NOW)) == []
    other = MasterKey([Fernet.generate_key().decode()], "elsewhere")
    ((level, part, found),) = told(look_at_keys(settings, other, rows, NOW))
    assert (level, part) == ("fault", "keys")
    assert found == f"the master key does not open {rows[0].kid}"
    late = NOW + settings.key_rotation + DAY
    ((level, _, found),) = told(look_at_keys(settings, master, rows, late))
    assert (level, found.startswith("RS256: rotation is overdue")) == ("warning", True)
    assert told(look_at_keys(settings, master, (), NOW)) == [("fault", "keys", "no key signs")]


def test_a_master_key_that_was_added_and_not_changed_to(database: Database) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings = make_settings()
    Keys(database, MasterKey([old], "the tests"), settings).maintain(NOW)
    with database.read() as connection:
        rows = stored.load(connection)
    both = MasterKey([new, old], "the tests")
    assert told(look_at_keys(settings, both, rows, NOW)) == [
        ("warning", "keys", "some are encrypted with an earlier master key")
    ]


def test_redis_that_is_away_forgets_or_is_missed(redis_url: str) -> None:
    assert told(redis(redis_url, 2)) == told(redis(None, 1)) == []
    assert [each[:2] for each in told(redis(None, 2))] == [("warning", "redis")]
    assert told(redis(f"redis://127.0.0.1:{free_port()}/0", 1)) == [
        ("fault", "redis", "it does not answer: the connection failed: Connection refused")
    ]
    with_password = redis_url.replace("redis://", "redis://somebody:never-shown@", 1)
    assert told(redis(with_password, 1)) == [
        ("fault", "redis", "it does not answer: it does not accept this username and password")
    ]
    assert told(redis("redis://nobody.invalid/0", 1))[0][2].startswith(
        "it does not answer: the host name cannot be resolved: "
    )
    client = redis_client.Redis.from_url(redis_url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert told(redis(redis_url, 2)) == [("warning", "redis", "maxmemory-policy is allkeys-lru")]
    finally:
        client.config_set("maxmemory-policy", "noeviction")
        client.close()


@pytest.mark.parametrize(("free", "levels"), [(2 * GIB, []), (GIB // 2, ["warning"]), (GIB // 20, ["fault"])])
def test_a_disk_that_is_almost_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, levels: list[str]
) -> None:
    # No disk is filled for a test: what the operating system says is given.
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert [each[0] for each in told(disk(tmp_path))] == levels


def provider(issuer: str) -> Provider:
    return Provider("corp", "openid", issuer, "us", "s" * 32, "Corp", ("openid",))


def test_a_provider_that_is_away_or_does_not_know_the_redirect_uri(server: Running) -> None:
    ours = f"http://127.0.0.1:{server.port}"
    with proxied() as proxy:
        proxy.target = ours
        upstream = f"{proxy.url}/auth"
        issuer = server.get("/auth/.well-known/openid-configuration").json()["issuer"]
        assert [each[:2] for each in told(providers(ours, [provider(f"http://127.0.0.1:{free_port()}")]))] == [
            ("fault", "provider corp")
        ]
        # What answers there is the metadata of somebody else.
        assert [each[:2] for each in told(providers(ours, [provider(upstream)]))] == [("fault", "provider corp")]
        # This provider is one of ours, and shows a page for a client that it does not know.
        proxy.mischief.replaced[issuer] = upstream
        ((level, _, found),) = told(providers(ours, [provider(upstream)]))
        assert (level, found.startswith("it answers a sign-in with 4")) == ("warning", True)
        # It publishes where to sign in, and nobody answers there.
        gone = f"http://127.0.0.1:{free_port()}/authorize"
        proxy.mischief.replaced[f"{upstream}/authorize"] = gone
        assert told(providers(ours, [provider(upstream)])) == [
            (
                "fault",
                "provider corp",
                f"its authorization endpoint, {gone}, cannot be reached: the connection failed: Connection refused",
            )
        ]


def test_the_node_tells_of_itself(server: Running) -> None:
    assert told(node(make_settings(port=server.port))) == []
    assert [each[:2] for each in told(node(make_settings(port=free_port())))] == [("warning", "node")]


COLUMNS = "dbid oid, query text, calls bigint, mean_exec_time float8, total_exec_time float8"
COUNTED = f"CREATE TABLE pg_stat_statements ({COLUMNS})"
SLOW = "SELECT *\n  FROM users WHERE username = $1 AND name = 'never shown' AND email = $2"


@pytest.fixture
def _counted_no_more(database: Database) -> Iterator[None]:
    """Other tests have this database, too."""
    yield
    with database.write() as connection:
        connection.execute(text("DROP TABLE IF EXISTS pg_stat_statements"))


@pytest.mark.usefixtures("_counted_no_more")
def test_statements_that_take_long_are_told_one_by_one_without_a_value(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        assert "pg_stat_statements" not in " ".join(each.found for each in look_at_database(database, NOW, DAY))
        return
    (how,) = [each for each in look_at_database(database, NOW, DAY) if "pg_stat_statements" in each.found]
    assert (how.level, "create the extension" in how.found) == ("ok", True)
    # The module comes with no wheel: a table of its shape stands in for its view.
    with database.write() as connection:
        connection.execute(text(COUNTED))
        rows = [
            (SLOW, 1200, 250.4, 300_480.0),
            ("SELECT 1", 9000, 0.2, 1800.0),
            ("SELECT once", 1, 9000.0, 9000.0),
            ("ALTER ROLE ada PASSWORD 'never shown'", 9, 500.0, 4500.0),
        ]
        for query, calls, mean, total in rows:
            connection.execute(
                text(
                    "INSERT INTO pg_stat_statements SELECT oid, :query, :calls, :mean, :total "
                    "FROM pg_database WHERE datname = current_database()"
                ),
                {"query": query, "calls": calls, "mean": mean, "total": total},
            )
        connection.execute(text("INSERT INTO pg_stat_statements SELECT 0, 'SELECT others', 50, 900, 45000"))
    ((level, part, found),) = told(look_at_database(database, NOW, DAY))
    assert (level, part) == ("warning", "database")
    assert found == (
        "a statement takes 250 ms on average, 1,200 times: SELECT * FROM users WHERE username = $1 AND name =…"
    )


@pytest.mark.usefixtures("_counted_no_more")
def test_statements_that_cannot_be_read_hide_nothing_else(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite counts none")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE pg_stat_statements (other text)"))
    ((level, _, found),) = told(look_at_database(database, NOW, DAY))
    assert (level, found.startswith("pg_stat_statements cannot be read: ")) == ("warning", True)


def test_a_file_that_takes_long_to_read_is_not_read_to_its_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(condition, "LONGEST", -1.0)
    monkeypatch.setattr(condition, "_INSTRUCTIONS", 1)
    found = [each.found for each in look_at_database(database, NOW, DAY) if "PRAGMA quick_check" in each.found]
    assert len(found) == (database.engine.dialect.name == "sqlite")
    assert told(look_at_database(database, NOW, DAY)) == []
