"""What a start leaves out: nearly all of it is imports, so what the first answer can do without comes later."""

import json
import subprocess
import sys

import pytest

from tests.patience import PATIENCE

# As `authserver serve` imports it, up to the fork.
SERVE = "main.get_command(None, 'serve'); import authserver.serve.parent"
LOOK = "import json, sys; from authserver.cli import main; {}; print(json.dumps(sorted(sys.modules)))"
# Each for a part of what a server can do, or for none of it.
LATER = {
    *("PIL", "alembic", "dns", "flask_sqlalchemy", "opentelemetry", "prometheus_client", "psycopg", "pyrage"),
    *("rapidfuzz", "redis", "requests", "rich", "segno", "sqlalchemy.orm", "ua_parser", "urllib3", "webauthn"),
}


def imported(program: str) -> set[str]:
    """The modules that are there after it has run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(program)], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def of_serve() -> set[str]:
    return imported(SERVE)


def test_serve_imports_what_it_answers_with(of_serve: set[str]) -> None:
    assert {"authserver.application", "authserver.serve.worker", "granian", "structlog"} <= of_serve


@pytest.mark.parametrize("name", sorted(LATER))
def test_serve_leaves_out_what_the_first_answer_can_do_without(of_serve: set[str], name: str) -> None:
    assert name not in of_serve


def test_the_help_knows_every_command_and_imports_none() -> None:
    found = imported("main(['--help'], standalone_mode=False)")
    assert {name for name in found if name.startswith("authserver")} == {"authserver", "authserver.cli"}


def test_what_structlog_does_without_can_still_be_imported() -> None:
    assert "rich" in imported(f"{SERVE}; import rich")
