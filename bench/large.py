"""What hot paths cost on large tables, as a multiple of small ones: `python -m bench.large`.

Both databases of a pair are open at the same time and asked in turns, so that a machine that changes its speed changes
both. `--scale 0.01` fills a hundredth, for a first impression.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from authserver.store.database import Database, engine_options, engine_url
from bench import people, scene
from bench.databases import DATABASES, Opened
from bench.measure import Measured, Plan, ask
from bench.paths import conversations
from bench.server import Running, free_port, serving
from bench.signatures import Yardstick

# Everybody has a session, an authorization, and ten refresh tokens.
PEOPLE, TOKENS = 1_000_000, 10_000_000
PATHS = ("refresh, ES256", "code flow, ES256", "introspection", "userinfo")
# The most that a path may cost on large tables, as a multiple of its cost on small ones.
MOST = 1.1
_NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :most) ",
    "postgresql": "WITH numbers AS (SELECT generate_series(1, :most) AS n) ",
}
# 32 bytes that no secret has, in no order.
_DIGEST = {"sqlite": "randomblob(32)", "postgresql": "sha256(CAST('{kind}' || n AS bytea))"}
_SUB = "'sub-' || (CAST(n AS BIGINT) * 7919 % 1000003)"
_SESSIONS = (
    "INSERT INTO sessions (digest, sid, sub, auth_time, amr, created_at, last_seen_at, idle, expires_at, look_at, "
    "completed_at, user_agent, address) {numbers} SELECT {digest}, 'sid-' || n, {sub}"
    ", :now, 'pwd', :now, :now, 86400, :now + 2592000, :now + 86400, :now, :browser, '192.0.2.' || n % 256 "
    "FROM numbers"
)
_AUTHORIZATIONS = (
    "INSERT INTO authorizations (id, requested_by, client_id, sub, sid, scope, audiences, offline, auth_time, amr, "
    "created_at, expires_at, code_digest, code_expires_at, code_redeemed_at, redirect_uri, redirect_uri_given, "
    "code_challenge, nonce) {numbers} SELECT 'authorization-' || n, 'browser', 'portal', {sub}"
    ", 'sid-' || n, :scope, :audience, true, :now, 'pwd', :now, :now + 31536000, {digest}, :now + 60, :now, "
    ":redirect_uri, true, :challenge, :nonce FROM numbers"
)
# Nine of ten tokens are spent, as of authorizations that are refreshed until cleanup takes what is old.
_TOKENS = (
    "INSERT INTO refresh_tokens (digest, authorization_id, client_id, issued_at, expires_at, replaced_at, successor) "
    "{numbers} SELECT {digest}, 'authorization-' || (1 + n % :people), 'portal', :now, :now + 2592000 + n % 1000, "
    "CASE WHEN n % 10 > 0 THEN :now END, CASE WHEN n % 10 > 0 THEN {sealed} END FROM numbers ORDER BY 1"
)
_SETTLE = {"sqlite": ("ANALYZE",), "postgresql": ("VACUUM (ANALYZE)", "CHECKPOINT")}
_SEALED = {"sqlite": "zeroblob(59)", "postgresql": "decode(repeat('00', 59), 'hex')"}


def fill(database: Database, scale: float) -> None:
    """People with an event each, sessions, authorizations, and refresh tokens: the numbers above, times `scale`."""
    name = database.engine.dialect.name
    count = round(PEOPLE * scale)
    people.fill(database, count)
    values = {
        "now": int(time.time()),
        "people": count,
        "browser": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "scope": " ".join(scene.SCOPE),
        "audience": scene.AUDIENCE,
        "redirect_uri": scene.REDIRECT_URI,
        "challenge": "c" * 43,
        "nonce": "n" * 43,
    }
    for statement, most in ((_SESSIONS, PEOPLE), (_AUTHORIZATIONS, PEOPLE), (_TOKENS, TOKENS)):
        digest = _DIGEST[name].format(kind=statement[12:20])
        sql = statement.format(numbers=_NUMBERS[name], digest=digest, sub=_SUB, sealed=_SEALED[name])
        used = {key: value for key, value in values.items() if f":{key}" in sql}
        with database.write() as connection:
            connection.execute(text(sql), {"most": round(most * scale), **used})
    with database.read() as connection:
        # The checkpoint that so many rows leave behind would be counted with what is measured.
        for statement in _SETTLE[name]:
            connection.execute(text(statement))


def _rows(connection: Connection) -> str:
    tables = ("users", "sessions", "authorizations", "refresh_tokens", "events")
    return ", ".join(f"{connection.scalar(text(f'SELECT count(*) FROM {table}')):,} {table}" for table in tables)  # noqa: S608 - names from above


@contextmanager
def _opened(name: str, plan: Plan, scale: float | None) -> Iterator[tuple[Opened, Running, scene.Scene]]:
    with tempfile.TemporaryDirectory(prefix="authserver-bench-") as parent, DATABASES[name](Path(parent)) as opened:
        folder, port = Path(parent), free_port()
        environ, keys = scene.environment(folder, opened.url, port)
        with serving(environ, {plan.core}, folder / "server.log"):
            # Migrates, and makes the keys.
            pass
        if scale is not None:
            engine = create_engine(engine_url(opened.url), **engine_options(opened.url, pool_size=1))
            began = time.perf_counter()
            fill(Database(engine), scale)
            with engine.connect() as connection:
                found = _rows(connection)
            sys.stdout.write(f"{opened.name}, filled in {time.perf_counter() - began:.0f} s: {found}\n")
            sys.stdout.flush()
            engine.dispose()
        stage = scene.people(environ, keys, plan.connections)
        with serving(environ, {plan.core}, folder / "server.log") as running:
            yield opened, running, stage


def _compare(name: str, plan: Plan, scale: float, yardstick: Yardstick) -> bool:
    with ExitStack() as stack:
        pair = [(Measured(name), *stack.enter_context(_opened(name, plan, size))) for size in (None, scale)]
        for number in range(plan.rounds):
            # Whoever is second finds a warmer machine: in turns.
            for measured, opened, running, stage in pair if number % 2 else reversed(pair):
                paths = conversations(stage, running.port)
                ask(measured, running, paths, opened, replace(plan, rounds=1), yardstick, lambda _: None)
    small, large = (measured for measured, *_ in pair)
    worst = 0.0
    for path in plan.paths:
        few, many = small.middle(path), large.middle(path)
        worst = max(worst, few.whole / many.whole)
        sys.stdout.write(
            f"  {path:20} {1e6 / few.whole:6.0f} → {1e6 / many.whole:6.0f} µs, × {few.whole / many.whole:.2f}   "
            f"of these the database's {few.database_microseconds:4.0f} → {many.database_microseconds:4.0f}   "
            f"p50 {few.median_milliseconds:.1f} → {many.median_milliseconds:.1f} ms   "
            f"p99 {few.slowest_milliseconds:.1f} → {many.slowest_milliseconds:.1f}\n"
        )
    return worst <= MOST


def main() -> None:
    """Compare on each database; exits with status 1 where a path costs too much on large tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.large", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one; both by default")
    parser.add_argument("--scale", type=float, default=1.0, help="of the numbers of rows")
    parser.add_argument("--rounds", type=int, default=6)
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    plan = Plan(seconds=1.5, rounds=arguments.rounds, connections=16, starts=1, core=cores[-1], paths=PATHS)
    os.sched_setaffinity(0, set(cores[:-1]))
    with Yardstick(plan.core) as yardstick:
        held = [_compare(name, plan, arguments.scale, yardstick) for name in arguments.database or DATABASES]
    sys.exit(not all(held))


if __name__ == "__main__":
    main()
