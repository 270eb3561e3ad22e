"""A database goes back to the release before, step by step and all or nothing, and no row is lost by surprise."""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import text

from authserver.cli import main
from authserver.store.database import Database
from authserver.store.upkeep import downgrade as previous
from authserver.store.upkeep import migrations, releases
from authserver.store.upkeep.downgrade import LossError, downgrade
from authserver.store.upkeep.releases import Release
from tests.conftest import open_database
from tests.store.test_migrations import BEFORE, migrate
from tests.store.test_schema import columns, revisions, unique

TOP = Path(__file__).parents[2]
HEAD = '"""{doc}."""\nimport sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = {now!r}, {before!r}\n'
FACTORS = """
def upgrade():
    op.create_table("factors", sa.Column("sub", sa.String(32), sa.ForeignKey("users.sub", ondelete="CASCADE")))
    op.add_column("users", sa.Column("shoe_size", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("barefoot", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_users_shoe_size", "users", ["shoe_size"])

def downgrade():
    op.drop_index("ix_users_shoe_size", "users")
    op.drop_column("users", "barefoot")
    op.drop_column("users", "shoe_size")
    op.drop_table("factors")
"""
RESTS = """
WORKS_FROM, NO_LOSS = "9002", ("rests",)

def upgrade():
    op.create_table("rests", sa.Column("task", sa.String(32), primary_key=True))

def downgrade():
    op.drop_table("rests")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations, with two more of a release to come."""
    head = migrations.head()
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.scripts(), folder)
    (folder / "versions" / "9001_factors.py").write_text(HEAD.format(doc="Factors", now="9001", before=head) + FACTORS)
    (folder / "versions" / "9002_rests.py").write_text(HEAD.format(doc="Rests", now="9002", before="9001") + RESTS)
    monkeypatch.setattr(migrations, "scripts", lambda: folder)
    monkeypatch.setattr(migrations, "head", lambda: "9002")
    monkeypatch.setattr(releases, "NEWEST", {"1.1.0": "0005", "1.2.0": head})
    return folder


@pytest.fixture
def filled(empty_database_url: str, folder: Path) -> Iterator[Database]:
    """A database of the release to come, with rows that the release before left."""
    assert folder.is_dir()
    database = open_database(empty_database_url)
    migrate(database, releases.NEWEST["1.2.0"])
    run(database, *BEFORE)
    migrations.upgrade(database)
    yield database
    database.engine.dispose()


def run(database: Database, *statements: str) -> None:
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _before() -> Release:
    before = releases.before(migrations.head())
    assert before is not None
    return before


def counts(database: Database) -> list[int]:
    tables = ("users", "user_roles", "sessions", "authorizations", "refresh_tokens")
    with database.read() as connection:
        return [connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables]  # noqa: S608


def test_it_goes_back_by_one_release_and_nothing_of_before_is_lost(filled: Database) -> None:
    before = releases.NEWEST["1.2.0"]
    kept = counts(filled)
    assert downgrade(filled) == Release("1.2.0", before)
    found = migrations.schema(filled)
    assert (found.revision, found.release) == (before, "1.2.0")
    assert found.works_from is not None
    assert found.works_from <= before
    assert counts(filled) == kept == [1, 2, 2, 2, 2]
    # However often it is called: by one release.
    assert downgrade(filled) is None
    assert migrations.upgrade(filled)
    assert migrations.schema(filled).works_from == "9002"
    assert counts(filled) == kept


def test_what_would_be_lost_is_said_and_nothing_is_changed_until_somebody_agrees(filled: Database) -> None:
    run(
        filled,
        "INSERT INTO factors (sub) SELECT sub FROM users",
        "INSERT INTO rests (task) VALUES ('cleanup')",
        "UPDATE users SET barefoot = true",
    )
    with pytest.raises(LossError) as refused:
        downgrade(filled)
    said = str(refused.value)
    assert "release 1.2.0 has no place for:\n" in said
    assert "\n  1 row of factors: Factors" in said
    assert "\n  1 row of users.barefoot: Factors" in said
    assert len(refused.value.losses) == 2
    assert migrations.schema(filled).revision == "9002"
    with filled.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM factors")).scalar_one() == 1
    assert downgrade(filled, discard=True) == Release("1.2.0", releases.NEWEST["1.2.0"])
    assert counts(filled) == [1, 2, 2, 2, 2]


def test_without_a_way_back_it_says_so_and_leaves_all_as_it_was(filled: Database, folder: Path) -> None:
    script = folder / "versions" / "9001_factors.py"
    script.write_text(script.read_text().partition("def downgrade")[0])
    with pytest.raises(migrations.SchemaError, match=r"no way back to release 1\.2\.0, .* 9001 .* backup"):
        downgrade(filled)
    assert migrations.schema(filled).revision == "9002"


def test_rows_that_the_release_before_would_refuse_are_said(filled: Database, folder: Path) -> None:
    script = folder / "versions" / "9002_rests.py"
    script.write_text(script.read_text() + "    op.create_index('ix', 'user_roles', ['sub'], unique=True)\n")
    with pytest.raises(migrations.SchemaError, match="migration 9002 cannot be undone: there are rows"):
        downgrade(filled)
    assert migrations.schema(filled).revision == "9002"


def test_only_who_made_a_schema_takes_it_back(filled: Database) -> None:
    run(filled, "UPDATE alembic_version SET version_num = '9003', release = '9.8.7', works_from = '9002'")
    with pytest.raises(migrations.SchemaError, match=r"only release 9\.8\.7 can take it back"):
        downgrade(filled)


@pytest.mark.usefixtures("folder")
def test_an_empty_database_has_nothing_to_go_back_from(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    with pytest.raises(migrations.SchemaError, match="no tables"):
        downgrade(database)
    database.engine.dispose()


def test_of_four_that_begin_together_one_goes_back_and_none_goes_two_releases(filled: Database) -> None:
    barrier = Barrier(4)

    def start(_: int) -> Release | None:
        barrier.wait()
        return downgrade(filled)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(start, range(4)))
    assert sorted(map(bool, done)) == [False] * 3 + [True]
    assert migrations.schema(filled).revision == releases.NEWEST["1.2.0"]


def test_the_command_says_what_it_did(
    filled: Database, empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(filled, "UPDATE users SET shoe_size = 42")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTHSERVER_DATABASE_URL", empty_database_url)

    def command(*arguments: str) -> str:
        return CliRunner().invoke(main, ["db", *arguments]).output

    head = releases.NEWEST["1.2.0"]
    assert f"Release before this: 1.2.0, which makes {head}\n" in command("status")
    assert "1 row of users.shoe_size" in command("downgrade")
    assert command("downgrade", "--discard").endswith(f"Downgraded to {head}, the schema of release 1.2.0.\n")
    assert command("downgrade") == f"Nothing to do: already at {head}, older than this release.\n"


def test_every_migration_since_the_newest_release_can_be_undone_and_run_again(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    newest = _before().revision
    found = ScriptDirectory(str(migrations.scripts()))
    migrate(database, newest)
    run(database, *BEFORE)
    kept = counts(database)
    for revision in [each for each in revisions() if each > newest]:
        script = found.get_revision(revision)
        assert hasattr(script.module, "downgrade"), f"{revision} has no downgrade: how is it undone?"
        with database.write() as connection:
            made = columns(connection), unique(connection)
        migrate(database, revision)
        with database.write() as connection:
            losses = previous.undo(connection, migrations.configured(connection), script)
            assert (columns(connection), unique(connection)) == made, revision
        assert losses == [], f"{revision} loses what release before wrote, or made anew: is it a NO_LOSS?"
        assert counts(database) == kept, revision
        migrate(database, revision)
        assert counts(database) == kept, revision
    database.engine.dispose()


@pytest.mark.parametrize("bound", ["api_scopes = 'read:reports'", "bound_to = 'dpop:abc'"], ids=["scopes", "key"])
def test_what_the_release_before_would_take_for_more_than_it_is_goes(empty_database_url: str, bound: str) -> None:
    database = open_database(empty_database_url)
    migrate(database, _before().revision)
    run(database, *BEFORE)
    migrations.upgrade(database)
    run(database, f"UPDATE authorizations SET {bound} WHERE id = 'by-office'")  # noqa: S608 - one of the two above
    with pytest.raises(LossError, match=r"1 row of authorizations\."):
        downgrade(database)
    downgrade(database, discard=True)
    with database.read() as connection:
        assert list(connection.execute(text("SELECT id FROM authorizations")).scalars()) == ["by-password"]
        assert connection.execute(text("SELECT count(*) FROM refresh_tokens")).scalar_one() == 1
    database.engine.dispose()


def test_every_release_of_the_changelog_is_known_with_its_newest_migration() -> None:
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (TOP / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert list(releases.NEWEST) == released[::-1]
    assert list(releases.NEWEST.values()) == sorted(releases.NEWEST.values())
    assert set(releases.NEWEST.values()) <= set(revisions())
