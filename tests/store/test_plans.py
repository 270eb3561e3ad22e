"""The plans of the busiest statements, and of administration: by index, however young the statistics are.

A worker prepares each statement once, perhaps on the day the server began with one person, and keeps its plan.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from authserver.protocol.person.known_claims import STANDARD
from authserver.store import directory, events, outbox, person_claims, sessions
from authserver.store.allowed import access_tokens, applications, authorizations, codes, granted, known, refresh_tokens
from authserver.store.database import Database
from authserver.store.engine.statement import Statement
from authserver.store.search import passing, walks
from tests.conftest import open_database

STATEMENTS: Mapping[str, Statement] = {
    "write down a yes": authorizations._START,
    "redeem a code": codes._REDEEM_IN_ONE,
    "redeem a code and begin a refresh token": codes._REDEEM_AND_START,
    "rotate a refresh token": refresh_tokens._ROTATE_IN_ONE,
    "who holds an access token": access_tokens._holder(
        person_claims.kept_claims(STANDARD.scope_of).standard, True, True
    ),
    "for whom an access token stands": access_tokens._SUBJECT,
    "an authorization that holds": authorizations._LIVE,
    "the session of a cookie": sessions._FIND,
    "session and consent": known._FIND,
    "the next client of a person": applications._NEXT_CLIENT,
    "what a client may do for a person": applications._AUTHORIZED,
    "authorizations of a client for a person": granted._PAGE,
    "where something is due": outbox._LANES,
    "jobs that wait for too long": outbox._OVERDUE,
}
# By which index each finds its row: to a young database others look equally good.
BY = {
    "redeem a code": "uq_authorizations_code_digest",
    "redeem a code and begin a refresh token": "uq_authorizations_code_digest",
    "rotate a refresh token": "pk_refresh_tokens",
    "the next client of a person": "ix_authorizations_sub_client_id_created_at",
    "what a client may do for a person": "ix_authorizations_sub_client_id_created_at",
    "authorizations of a client for a person": "ix_authorizations_sub_client_id_created_at",
    "where something is due": "ix_jobs_kind_destination_due_at",
    "jobs that wait for too long": "ix_jobs_kind_created_at",
}
# What administrators look for: by an index that has it in order, so that a page is read and nothing else.
ADMINISTRATION: Mapping[str, Statement] = {
    "everybody": walks._EVERYBODY,
    "who is disabled": walks._DISABLED,
    "who has a role": walks._WITH_ROLE,
    "who is in a group": walks._IN_GROUP,
    "usernames that begin so": walks._BY["username"],
    "addresses that begin so": walks._BY["email_key"],
    "names that begin so": walks._BY["name"],
    "usernames to complete": walks._USERNAMES,
    "who was added last": directory._ADDED,
    "the next role": directory._ROLES._next,
    "how many have a role": directory._ROLES._count,
    "the next group": directory._GROUPS._next,
    "how many are in a group": directory._GROUPS._count,
    "the next kind of what waits to be sent": outbox._NEXT_KIND,
    "what waits of a kind": outbox._WAITING,
    "the newest events": events._OF_ALL,
    "events of a name": events._OF_NAME,
    "events of a client": events._OF_CLIENT,
    "events of a request": events._OF_REQUEST,
    "the next name of events": events._NEXT_NAME,
    "the next name of events of a client": events._NEXT_NAME_OF_CLIENT,
}
_FILL = (
    "INSERT INTO users (sub, username, email_verified, created_at, updated_at) "
    "SELECT 'sub' || n, 'user' || n, false, 1, 1 FROM generate_series(1, 3000) n",
    "INSERT INTO user_roles (sub, role) SELECT sub, 'user' FROM users",
    "INSERT INTO user_groups (sub, group_name) SELECT sub, 'staff' FROM users",
    "INSERT INTO consents (sub, client_id, scope, audiences, granted_at) "
    "SELECT sub, 'portal', 'openid', '', 1 FROM users",
    "INSERT INTO sessions (digest, sid, sub, auth_time, amr, created_at, last_seen_at, idle, expires_at, user_agent, "
    "address) SELECT sub::bytea, 'sid' || sub, sub, 1, 'pwd', 1, 1, 1, 1, '', '' FROM users",
    "INSERT INTO authorizations (id, client_id, sub, sid, scope, audiences, offline, auth_time, amr, created_at, "
    "expires_at, code_digest, code_expires_at, redirect_uri, redirect_uri_given) SELECT 'a' || sub, 'portal', sub, "
    "'sid' || sub, '', '', true, 1, 'pwd', 1, 1, sub::bytea, 1, '', true FROM users",
    "INSERT INTO revoked_access_tokens (jti, expires_at) SELECT sub, 1 FROM users",
    "INSERT INTO refresh_tokens (digest, authorization_id, client_id, issued_at, expires_at) "
    "SELECT sub::bytea, 'a' || sub, 'portal', 1, 1 FROM users",
    "INSERT INTO jobs (kind, destination, about, sealed, created_at, due_at, attempts) "
    "SELECT 'mail', '', '{}', '', 1, 1, 0 FROM users",
    "INSERT INTO events (at, name, sub, client_id, detail) SELECT 1, 'token:refused', sub, 'portal', '{}' FROM users",
)


def plan(database: Database, statement: Statement) -> str:
    """The plan that is kept for a prepared statement: for any values, made with the statistics of now."""
    with database.read() as connection:
        compiled = statement._compile(connection)
        names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", compiled.sql)))
        sql = compiled.sql
        for number, name in enumerate(names, 1):
            sql = sql.replace(f"%({name})s", f"${number}")
        connection.execute(text("SET plan_cache_mode = force_generic_plan"))
        connection.exec_driver_sql(f"PREPARE kept AS {sql}")
        rows = connection.exec_driver_sql(f"EXPLAIN EXECUTE kept ({', '.join(['NULL'] * len(names))})").scalars()
        found = "\n".join(rows)
        connection.exec_driver_sql("DEALLOCATE kept")
        return found


@pytest.fixture
def database_url(new_postgresql: Callable[[], str]) -> str:
    """Of its own: the statistics of what other tests have done would count."""
    return new_postgresql()


def _fill(database: Database) -> None:
    with database.write() as connection:
        for fill in _FILL:
            connection.execute(text(fill))


def _analyze(database: Database) -> None:
    with database.read() as connection:
        connection.execute(text("ANALYZE"))


@pytest.mark.parametrize("people", ["nobody", "many", "many, analyzed"])
def test_no_plan_reads_a_table_from_end_to_end(database: Database, people: str) -> None:
    if people != "nobody":
        _fill(database)
    if people == "many, analyzed":
        _analyze(database)
    plans = {name: plan(database, statement) for name, statement in STATEMENTS.items()}
    assert {name: found for name, found in plans.items() if "Seq Scan" in found} == {}
    assert {name: plans[name] for name, index in BY.items() if index not in plans[name]} == {}


def test_a_page_of_somebody_s_sessions_is_read_by_when_they_began(database: Database) -> None:
    _fill(database)
    _analyze(database)
    assert "ix_sessions_sub_created_at" in plan(database, sessions._PAGE)


def test_postgresql_reads_a_page_for_an_administrator_in_the_order_of_an_index(database: Database) -> None:
    _fill(database)
    _analyze(database)
    plans = {name: plan(database, statement) for name, statement in ADMINISTRATION.items()}
    by_index = re.compile(r"\A(?!.*(Seq Scan|Bitmap|Sort)).*Index", re.DOTALL)
    assert {name: found for name, found in plans.items() if not by_index.match(found)} == {}


@pytest.mark.parametrize("column", ["username", "email_key", "name"])
def test_who_passes_a_filter_is_looked_up_by_key_one_by_one(database: Database, column: str) -> None:
    _fill(database)
    _analyze(database)
    found = plan(database, passing._PASSING[column])
    assert "Seq Scan" not in found
    assert "hashed" not in found
    assert len(re.findall(r"Index(?: Only)? Scan using \w+ on user_(?:roles|groups)", found)) == 2, found


def test_few_people_are_read_by_their_keys(database: Database) -> None:
    _fill(database)
    _analyze(database)
    with database.read() as connection:
        among = ", ".join(f"'sub{n}'" for n in range(20))
        sql = re.sub(r"IN \(.*\)", f"IN ({among})", walks._TERMS_OF.compiled(connection).sql)
        found = "\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}").scalars())
    assert "pk_users" in found
    assert "Seq Scan" not in found


def test_sqlite_reads_a_page_for_an_administrator_in_the_order_of_an_index(sqlite_template: Path) -> None:
    database = open_database(f"sqlite:///{sqlite_template}")
    plans = {}
    with database.read() as connection:
        for name, statement in ADMINISTRATION.items():
            sql = statement.compiled(connection).sql
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?"))
            plans[name] = "\n".join(row[-1] for row in rows)
    database.engine.dispose()
    by_index = re.compile(r"\A(?!.*(TEMP B-TREE|SCAN \w+(?<!anon_1)(\n|\Z))).*(USING|SCAN events)", re.DOTALL)
    assert {name: found for name, found in plans.items() if not by_index.match(found)} == {}


def test_sqlite_goes_from_one_destination_to_the_next_by_the_index(sqlite_template: Path) -> None:
    database = open_database(f"sqlite:///{sqlite_template}")
    with database.read() as connection:
        sql = outbox._LANES.compiled(connection).sql
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?"))
        of_jobs = sorted({row[-1] for row in rows if re.search(r"\bjobs", row[-1])})
    database.engine.dispose()
    index = "SEARCH jobs USING COVERING INDEX ix_jobs_kind_destination_due_at"
    assert of_jobs == [
        f"{index} (kind=? AND destination=? AND due_at<?)",
        f"{index} (kind=? AND destination=?)",
        f"{index} (kind=? AND destination>?)",
    ]
