"""The command in a folder of its own, with a migrated database and a clients.yaml."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authserver.store.database import Database
from tests.conftest import open_database

Run = Callable[..., "subprocess.CompletedProcess[str]"]
CLIENTS = "roles: {user: [], moderator: [], admin: []}\ndefault_role: user\n"
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
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}

    def run(*arguments: str, given: str = "", status: int = 0) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", "from authserver.cli import main; main()", "users", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=clean | CHEAP, input=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def completed(tmp_path: Path, url: str) -> Callable[[str], list[str]]:
    """What the tab key offers for a line, as click's script for bash asks for it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}

    def complete(line: str) -> list[str]:
        asked = {"_AUTHSERVER_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
        command = [sys.executable, "-c", "from authserver.cli import main; main(prog_name='authserver')"]
        done = subprocess.run(command, cwd=tmp_path, env=clean | asked, capture_output=True, text=True, check=False)
        return [each.partition(",")[2] for each in done.stdout.splitlines()]

    return complete
