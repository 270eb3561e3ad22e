"""The command in a folder of its own, with a migrated database and a clients.yaml."""

from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from authserver.store.database import Database
from tests.cli.command import run_command
from tests.conftest import open_database

Run = Callable[..., "CompletedProcess[str]"]
CLIENTS = (
    "roles: {user: [], moderator: [], admin: []}\ngroups: {sales: [moderator], staff: [user]}\ndefault_role: user\n"
    f"clients: [{{client_id: nightly, name: Nightly, type: service, secrets: [{{sha256: '{'ab' * 32}'}}]}}]\n"
)
CHEAP = {"AUTHSERVER_PASSWORD_HASH_MEMORY": "8192", "AUTHSERVER_PASSWORD_HASH_TIME": "1"}


@pytest.fixture
def url(tmp_path: Path, sqlite_template: Path) -> str:
    (tmp_path / "authserver.db").write_bytes(sqlite_template.read_bytes())
    (tmp_path / "clients.yaml").write_text(CLIENTS)
    return f"sqlite:///{tmp_path / 'authserver.db'}"


@pytest.fixture
def kept(url: str) -> Iterator[Database]:
    """What the command left in the database."""
    database = open_database(url)
    yield database
    database.engine.dispose()


@pytest.fixture
def run(tmp_path: Path, url: str) -> Run:
    """Runs `authserver users` as an administrator does."""

    def run(*arguments: str, given: str = "", status: int = 0) -> "CompletedProcess[str]":
        done = run_command(["users", *arguments], tmp_path, CHEAP, given)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        # Lines for machines are what `serve` writes.
        assert not any(line.startswith("{") or "event=" in line for line in done.stderr.splitlines())
        return done

    return run


@pytest.fixture
def completed(tmp_path: Path, url: str) -> Callable[[str], list[str]]:
    """What the tab key offers for a line, as click's script for bash asks for it."""

    def complete(line: str) -> list[str]:
        asked = {"_AUTHSERVER_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
        done = run_command([], tmp_path, asked, name="authserver")
        return [each.partition(",")[2] for each in done.stdout.splitlines()]

    return complete
