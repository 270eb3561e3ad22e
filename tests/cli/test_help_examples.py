"""Every example of help does what it is there for; what a test elsewhere runs is named with that test."""

import re
import shlex
import shutil
from pathlib import Path

import pyrage
import pytest

from tests.cli.command import run_command
from tests.cli.conftest import CHEAP
from tests.cli.test_help import LEAVES, _help

pytestmark = pytest.mark.slow
SOUND = (
    "apis: {reports: {audience: https://api.example.com, permissions: {read:reports: Read reports}}}\n"
    "roles: {user: [], admin: [admin:all]}\ngroups: {sales: [user], staff: [user]}\ndefault_role: user\n"
    "claims: {department: {scope: staff, sentence: See it}, floor: {scope: staff, sentence: See it}}\n"
    "clients:\n"
    "  - {client_id: portal, name: Portal, type: spa, redirect_uris: [https://portal.example.com/], apis: [reports]}\n"
    "  - client_id: nightly-job\n    name: Nightly\n    type: service\n    apis: [reports]\n    roles: [admin]\n"
    f"    secrets: [{{sha256: '{'ab' * 32}'}}]\n"
)
# By how they begin.
NOT_RUN = {
    "serve": "tests/serve starts it, with each of these options",
    "init": "tests/cli/test_init.py answers its questions, by options too",
    "doctor": "tests/cli/test_doctor.py; here no server answers",
    "events follow": "tests/cli/test_events.py follows; it ends by Ctrl-C",
    "clients plan clients.yaml --at": "tests/cli/test_plan_at.py asks a server",
    "clients diff": "tests/cli/test_history.py, which has versions to compare",
    "clients history 11": "as above",
    "clients undo": "as above",
    "clients disable": "tests/cli/test_registered.py, which has clients that registered themselves",
    "clients enable": "as above",
    "clients remove": "as above",
    'users sessions ada --end "$SID"': "tests/cli/test_users.py, which has sessions",
    'users linked ada --remove "$ID"': "tests/cli/test_users_linked.py, which has linked sign-ins",
    "users reset-factors": "tests/cli/test_users_factors.py, which has factors",
    "explain --user ada@example.com": "tests/cli/test_explain.py, which has providers",
    "explain --workload": "tests/cli/test_explain_alone.py, which has workloads",
    "db downgrade": "tests/store/test_downgrade.py",
    "restore": "tests/cli/test_backup.py, which has a backup",
}
EXAMPLES = sorted(
    {line for name in LEAVES for line in re.findall(r"^ +authserver (.+)$", _help(*name.split()), re.MULTILINE)}
)
RUN = [line for line in EXAMPLES if not line.startswith(tuple(NOT_RUN))]
TYPED = {"users add": "Correct horse 2!\n" * 2, "users set-password": "Correct horse 2!\n" * 2, "users delete": "y\n"}


def _run(folder: Path, line: str, given: str = "") -> tuple[int, str]:
    """The status and what was said, as a shell would run the line in this folder."""
    command, _, source = line.partition(" < ")
    command = command.partition(" > ")[0]
    given = (folder / source).read_text() if source else given
    done = run_command(shlex.split(command), folder, CHEAP, given)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A database with two people and keys, clients.yaml, and a draft of another."""
    folder = tmp_path_factory.mktemp("set-up")
    (folder / "authserver.db").write_bytes(sqlite_template.read_bytes())
    for name in ("clients.yaml", "new.yaml", "old.yaml"):
        (folder / name).write_text(SOUND)
    (folder / "password.txt").write_text("Correct horse 2!\n")
    (folder / "people.jsonl").write_text('{"username": "grace"}\n')
    for line in (
        "users add ada --email ada@example.com --email-verified --role admin --no-password",
        "users add bob --email bob@example.com --role admin --no-password",
        "users groups ada --add sales",
        "users claims ada --set floor=2",
        "keys rotate",
    ):
        status, said = _run(folder, line)
        assert status == 0, said
    return folder


@pytest.mark.parametrize("line", RUN)
def test_each_example_does_what_it_says(set_up: Path, tmp_path: Path, line: str) -> None:
    folder = tmp_path / "run"
    shutil.copytree(set_up, folder)
    if line.startswith("users add ada"):
        assert _run(folder, "users delete ada --yes")[0] == 0
    kid = re.search(r"^(\S{43})  RS256", _run(folder, "keys list")[1], re.MULTILINE) if "$KID" in line else None
    values = {
        "$KID": kid[1] if kid else "",
        "$REQUEST_ID": "none",
        "age1…": str(pyrage.x25519.Identity.generate().to_public()),
    }
    for name, value in values.items():
        line = line.replace(name, value)
    given = next((typed for begins, typed in TYPED.items() if line.startswith(begins)), "")
    status, said = _run(folder, line, given)
    assert status == 0, said


def test_what_is_not_run_is_an_example() -> None:
    assert [begins for begins in NOT_RUN if not any(line.startswith(begins) for line in EXAMPLES)] == []
