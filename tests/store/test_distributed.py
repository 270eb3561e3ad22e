"""What a distributed PostgreSQL refuses by its documents is used only where docs/scaling.md says so."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import psycopg as driver

from authserver import store
from authserver.store.engine.statement import Statement

ROOT = Path(__file__).parents[2]
PARTIAL = ["ix_sessions_look_at", "ix_users_disabled"]
CHANGES = r"\b(?:UPDATE|INSERT INTO|DELETE FROM) (?:ONLY )?(\w+)"
# What is in the table of the document, as it is found in the text of a statement.
FEATURES = {
    "`NOTIFY`": r"pg_notify|\bNOTIFY\b",
    "advisory locks": r"pg_(?:try_)?advisory",
    "`INSERT` with a subquery": r"INSERT INTO [^;]*\bSELECT\b",
    "row locks": r"\bFOR (?:NO KEY )?UPDATE\b|\bFOR (?:KEY )?SHARE\b",
    '`COLLATE "C"`': r'COLLATE "C"',
}
TWICE = "one table changed twice in a statement"
# What one of them refuses and nothing here uses, in statements, migrations or anywhere else.
NEVER = re.compile(
    r"\b(?:LOCK TABLE|TRUNCATE|TABLESAMPLE|WITH RECURSIVE|MERGE INTO|GROUPING SETS|ctid|xmax|CREATE TRIGGER"
    r"|CREATE RULE|CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)|CREATE EXTENSION|INHERITS|EXCLUDE USING|DEFERRABLE"
    r"|DECLARE \w+ CURSOR|PREPARE TRANSACTION|citext|GENERATED ALWAYS|LATERAL)\b"
)


def statements() -> Iterator[tuple[str, Statement]]:
    """Every constant statement of the store, by its module and name."""
    for found in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
        for name, value in vars(importlib.import_module(found.name)).items():
            several: Iterable[object] = value.values() if isinstance(value, dict) else value
            each: Iterable[object] = several if isinstance(value, (dict, list, tuple)) else (value,)
            for one in each:
                if isinstance(one, Statement):
                    yield f"{found.name.removeprefix('authserver.store.')}.{name}", one


def on_postgresql(statement: Statement) -> str:
    connection = cast("Connection", SimpleNamespace(dialect=driver.dialect()))  # type: ignore[no-untyped-call]
    return statement.compiled(connection).sql


def texts() -> Iterator[tuple[str, str]]:
    """Every text in the code and the migrations, but those that explain."""
    for path in sorted([*(ROOT / "authserver").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")]):
        tree = ast.parse(path.read_text())
        explained = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained:
                yield str(path.relative_to(ROOT)), node.value


def documented() -> dict[str, set[str]]:
    """The features of the table in the document, each with the statements that have it."""
    text = (ROOT / "docs" / "scaling.md").read_text()
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+\|$", text.partition("## On a distributed PostgreSQL")[2], re.MULTILINE)
    return {feature: set(re.findall(r"`(\w[\w.]*\._[A-Z_]+)`", where)) for feature, where in rows if "._" in where}


def test_every_statement_that_one_of_them_would_refuse_is_in_the_document() -> None:
    found: dict[str, set[str]] = {feature: set() for feature in (*FEATURES, TWICE)}
    count = 0
    for name, statement in statements():
        count += 1
        sql = on_postgresql(statement)
        for feature, pattern in FEATURES.items():
            if re.search(pattern, sql, re.DOTALL):
                found[feature].add(name)
        changed = re.findall(CHANGES, re.sub(r"FOR UPDATE|DO UPDATE", "", sql))
        if len(changed) > len(set(changed)):
            found[TWICE].add(name)
    assert count > 150
    assert documented() == found, "do without it, or say in docs/scaling.md what each of them does with it"


@pytest.mark.parametrize(
    ("sql", "is_refused"),
    [
        ("TRUNCATE users", True),
        ("SELECT ctid FROM users", True),
        ("SELECT 1", False),
        ("the request was lateral", False),
    ],
)
def test_what_is_never_used_would_be_noticed(sql: str, is_refused: bool) -> None:
    assert bool(NEVER.search(sql)) is is_refused


def test_nothing_else_that_one_of_them_refuses_stands_anywhere() -> None:
    assert [(file, text[:80]) for file, text in texts() if NEVER.search(text)] == []
    listens = {file for file, text in texts() if re.match(r"(UN)?LISTEN\b", text)}
    assert listens == {"authserver/store/notices.py"}


def test_the_migrated_tables_have_nothing_that_one_of_them_refuses(shared_postgresql: str) -> None:
    with psycopg.connect(shared_postgresql) as connection:

        def names(sql: str) -> list[Any]:
            return [row[0] for row in connection.execute(sql.encode()).fetchall()]

        def ours(condition: str) -> list[Any]:
            here = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND "
            return names(here + condition)

        assert names("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == []
        assert names("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'") == []
        assert names("SELECT conname FROM pg_constraint WHERE condeferrable OR contype IN ('x', 't')") == []
        assert names("SELECT attname FROM pg_attribute WHERE attgenerated <> ''") == []
        assert names("SELECT inhrelid::regclass::text FROM pg_inherits") == []
        assert ours("relkind NOT IN ('r', 'i', 'S')") == []
        assert sorted(ours("oid IN (SELECT indexrelid FROM pg_index WHERE indpred IS NOT NULL)")) == PARTIAL
        assert ours("oid IN (SELECT indexrelid FROM pg_index WHERE indexprs IS NOT NULL)") == ["ix_users_name_prefix"]
        # CockroachDB would give a table without a primary key a hidden one.
        keyed = "SELECT conrelid FROM pg_constraint WHERE contype = 'p'"
        assert ours(f"relkind = 'r' AND oid NOT IN ({keyed})") == []
