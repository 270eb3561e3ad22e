"""What no person means to give a command: bytes that are no text, a disk that is full; it says so in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

from authserver.master_key import new_key
from authserver.store import users
from authserver.store.database import Database
from tests.cli.command import run_command
from tests.cli.conftest import Run
from tests.patience import PATIENCE

# As the system hands over the byte 0xFF, which is no UTF-8.
NO_TEXT = "\udcff"


@pytest.mark.parametrize(
    "command",
    [
        f"users show {NO_TEXT}",
        f"users list --role {NO_TEXT}",
        f"users add ada --no-password --email {NO_TEXT}@example.com",
        f"users invite ada@example.com --link --name {NO_TEXT}",
        f"events list --user {NO_TEXT}",
        f"clients disable {NO_TEXT}",
        f"clients registration-token --scope {NO_TEXT}",
        f"keys revoke {NO_TEXT}",
        f"explain --client nightly --scope read:reports{NO_TEXT}",
    ],
)
def test_an_argument_that_is_no_text_is_refused(tmp_path: Path, url: str, command: str) -> None:
    done = run_command(command.split(), tmp_path, {"AUTHSERVER_DATABASE_URL": url})
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "Error: an argument is not UTF-8")


@pytest.mark.parametrize("command", ["--help", "users list", "users export", "clients schema"])
def test_a_full_disk_is_named_and_nothing_more_is_tried(tmp_path: Path, url: str, kept: Database, command: str) -> None:
    with kept.write() as connection:
        users.add(connection, username="ada", now=1)
    program = [sys.executable, "-c", "from authserver.cli import main; main()", *command.split()]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            program,
            check=False,
            cwd=tmp_path,
            env={"AUTHSERVER_DATABASE_URL": url},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
        )
    said = "authserver: the output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_a_password_that_is_no_text_is_refused(tmp_path: Path, url: str, run: Run) -> None:
    run("add", "ada", "--no-password")
    program = [sys.executable, "-c", "from authserver.cli import main; main()"]
    for locale in ("C", "C.UTF-8"):
        done = subprocess.run(
            [*program, "users", "set-password", "ada", "--password-stdin"],
            check=False,
            cwd=tmp_path,
            env={"AUTHSERVER_DATABASE_URL": url, "LC_ALL": locale},
            input=b"Correct horse 2! \xff\n",
            capture_output=True,
            timeout=PATIENCE,
        )
        assert (done.returncode, done.stderr) == (1, b"authserver: the password is not UTF-8.\n"), locale


@pytest.mark.parametrize("command", ["history {}", "diff {}", "diff {} 1"])
def test_a_number_that_no_database_holds_is_that_of_no_file(tmp_path: Path, url: str, command: str) -> None:
    environ = {"AUTHSERVER_DATABASE_URL": url, "AUTHSERVER_MASTER_KEY": new_key()}
    for number in (2**31, 2**64):
        done = run_command(["clients", *command.format(number).split()], tmp_path, environ)
        assert done.returncode == 1
        assert f"no file with the number {number} is kept" in done.stderr
