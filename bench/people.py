"""How long administration takes with many people: `python -m bench.people`, or `--people 200000` for an impression."""

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import Connection, text

from authserver.store import directory, events, outbox, sessions
from authserver.store.allowed import applications, granted
from authserver.store.database import Database
from authserver.store.directory import PeopleFilter
from authserver.store.place import FIRST
from authserver.store.search.walks import WalkPlace
from authserver.store.upkeep import backlog
from bench.databases import DATABASES, migrated

ROUNDS = 30
_GIVEN = "Ada Grace Alan Edsger Barbara Donald Özlem Katherine Annie Mary Dorothy Radia Frances Margaret Jean Karen"
_FAMILY = "Lovelace Hopper Turing Dijkstra Liskov Knuth Demir Johnson Easley Jackson Vaughan Perlman Allen Hamilton"
_NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :most) ",
    "postgresql": "WITH numbers AS (SELECT generate_series(1, :most) AS n) ",
}


def _pick(words: str, by: str) -> str:
    some = words.split()
    return f"CASE ({by}) % {len(some)} " + " ".join(f"WHEN {i} THEN '{word}'" for i, word in enumerate(some)) + " END"


# Everybody is a user, every hundredth a moderator, six an auditor; nine events of ten are of one client. One person has
# as many authorizations and sessions as there are people, and as many letters wait.
_PEOPLE = (
    "INSERT INTO users (sub, username, email, email_key, email_verified, name, created_at, updated_at, disabled_at) "
    "{numbers} SELECT 'sub-' || (CAST(n AS BIGINT) * 7919 % 1000003), lower(given) || '.' || n, "
    "given || n || '@example.com', lower(given) || n || '@example.com', true, given || ' ' || family, 1, 1, "
    "CASE n % 5000 WHEN 0 THEN 1 END FROM (SELECT n, {given} AS given, {family} AS family FROM numbers) named",
    "INSERT INTO user_roles (sub, role) SELECT sub, 'user' FROM users",
    "INSERT INTO user_roles (sub, role) SELECT sub, 'moderator' FROM users WHERE sub LIKE '%00'",
    "INSERT INTO user_roles (sub, role) SELECT sub, 'auditor' FROM users ORDER BY username DESC LIMIT 6",
    "INSERT INTO user_groups (sub, group_name) SELECT sub, 'staff' FROM users WHERE sub LIKE '%7'",
    "INSERT INTO events (at, name, sub, client_id, request_id, detail) {numbers} SELECT n, CASE n % 4 WHEN 0 THEN "
    "'user:login:succeeded' ELSE 'token:access_token:issued' END, 'sub-' || n, CASE WHEN n % 10 < 9 THEN 'portal' ELSE "
    "'client-' || n % 97 END, 'request-' || (n / 3), '{{}}' FROM numbers",
    "INSERT INTO events (at, name, sub, client_id, detail) SELECT 1, 'client:refused', NULL, 'rare', '{{}}' "
    "FROM events WHERE id <= 6",
    "INSERT INTO authorizations (id, client_id, sub, sid, scope, audiences, offline, amr, created_at, expires_at, "
    "code_digest, code_expires_at, redirect_uri, redirect_uri_given) {numbers} SELECT 'a' || n, "
    "CASE n % 1000 WHEN 0 THEN 'client-' || n / 1000 % 97 ELSE 'portal' END, 'sub-7919', '', 'openid', '', true, "
    "'pwd', n, 4102444800, CAST('c' || n AS {bytes}), 1, '', true FROM numbers",
    "INSERT INTO sessions (digest, sid, sub, amr, created_at, last_seen_at, idle, expires_at, completed_at, "
    "user_agent, address) {numbers} SELECT CAST('s' || n AS {bytes}), 's' || n, 'sub-7919', 'pwd', n, 1, 2000000000, "
    "4102444800, 1, '', '' FROM numbers",
    "INSERT INTO jobs (kind, destination, about, sealed, created_at, due_at, attempts) {numbers} "
    "SELECT 'mail', '', '{{}}', CAST('' AS {bytes}), 1, n, 0 FROM numbers",
)
NOW = 1_900_000_000
BUSY = "sub-7919"


def fill(database: Database, people: int) -> None:
    """So many people, and as many events."""
    name = database.engine.dialect.name
    parts = {"numbers": _NUMBERS[name], "bytes": "BYTEA" if name == "postgresql" else "BLOB"}
    parts |= {"given": _pick(_GIVEN, "n * 31"), "family": _pick(_FAMILY, "n / 17")}
    for statement in _PEOPLE:
        with database.write() as connection:
            sql = statement.format_map(parts)
            connection.execute(text(sql), {"most": people} if ":most" in sql else {})
    if name == "postgresql":
        with database.read() as connection:
            connection.execute(text("VACUUM (ANALYZE)"))


SEARCHES = ("a", "g", "ö", "gr", "öz", "ada lov", "ADA LOV", "ÖZLEM d", "zzz", "%", "_", "\\", "grace@example.com")
PEOPLE = {
    "the first page of people": PeopleFilter(),
    "a page of a role that all have": PeopleFilter(role="user"),
    "a page of a role that one of 100 has": PeopleFilter(role="moderator"),
    "a page of a role that six have": PeopleFilter(role="auditor"),
    "a page of disabled people": PeopleFilter(disabled=True),
    "one person by address": PeopleFilter(login="grace2@example.com"),
    **{f"search: {typed}": PeopleFilter(search=typed) for typed in SEARCHES},
    "search: a, of a role that six have": PeopleFilter(search="a", role="auditor"),
    "search: a, of a role that one of 100 has": PeopleFilter(search="a", role="moderator"),
    "search: a, of a role that all have": PeopleFilter(search="a", role="user"),
    "search: a, of a group that one of 10 is in": PeopleFilter(search="a", group="staff"),
    "search: zzz, of a role that six have": PeopleFilter(search="zzz", role="auditor"),
    "search: a, of disabled people": PeopleFilter(search="a", disabled=True),
}
EVENTS = {
    "the last events": events.EventFilter(),
    "events of a client with six": events.EventFilter(client_id="rare"),
    "events of a client with nine in ten": events.EventFilter(client_id="portal"),
    "events of a rare name": events.EventFilter(name="client:"),
    "events of a rare name and a busy client": events.EventFilter(name="client:", client_id="portal"),
    "events of a person": events.EventFilter(sub="sub-77"),
    "events of a request": events.EventFilter(request_id="request-77"),
}
QUESTIONS: dict[str, Callable[[Connection], object]] = {
    "roles and how many have each": directory.roles_in_use,
    "groups and how many are in each": directory.groups_in_use,
    **{name: partial(directory.page, wanted=wanted, after=WalkPlace(), most=50) for name, wanted in PEOPLE.items()},
    **{name: partial(events.earlier, wanted=wanted, most=50, row=2**62) for name, wanted in EVENTS.items()},
    "applications of the busiest person": partial(applications.page, sub=BUSY, now=NOW, most=51),
    "authorizations of the busiest person": partial(granted.page, sub=BUSY, now=NOW, most=51),
    "sessions of the busiest person": partial(sessions.page, sub=BUSY, now=NOW, after=FIRST, most=51),
    "letters that wait": outbox.waiting,
    "rows that wait for cleanup": partial(backlog.count, now=NOW, events_retention=10**9),
}


def _measure(database: Database) -> Iterator[tuple[str, str]]:
    for name, ask in QUESTIONS.items():
        with database.read() as connection:
            taken = []
            for _ in range(ROUNDS):
                began = perf_counter()
                ask(connection)
                taken.append(perf_counter() - began)
        yield name, f"{median(taken) * 1000:8.1f} ms, at most {max(taken) * 1000:8.1f} ms"


def _listing(url: str) -> tuple[str, str]:
    began = perf_counter()
    command = [str(Path(sys.executable).parent / "authserver"), "users", "list"]
    subprocess.run(command, env=os.environ | {"AUTHSERVER_DATABASE_URL": url}, stdout=subprocess.DEVNULL, check=True)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return "authserver users list", f"{perf_counter() - began:8.1f} s, {most} MB"


def main() -> None:
    """Fill each database, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.people", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one; both by default")
    arguments = parser.parse_args()
    for name in arguments.database or DATABASES:
        with migrated(name) as (opened, database):
            fill(database, arguments.people)
            sys.stdout.write(f"\n{opened.name}, {arguments.people:,} people\n")
            for what, took in chain(_measure(database), map(_listing, [opened.url])):
                sys.stdout.write(f"  {what:42} {took}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
