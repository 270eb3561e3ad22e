"""Setting up the environment says what it installs and how far it is; pip is one that only talks."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "install.py"
PIP = """\
import sys
assert sys.argv[1] == "install" and "constraints.txt" in sys.argv and ".[dev]" in sys.argv
for name in ("Flask", "SQLAlchemy", "Authlib"):
    print(f"Collecting {name}<4,>=3 (from authserver==0.1.0)")
    print(f"  Downloading {name.lower()}-3.1.2-py3-none-any.whl.metadata (3.2 kB)")
for name in ("flask", "sqlalchemy", "authlib"):
    print(f"Downloading {name}-3.1.2-py3-none-any.whl (103 kB)")
print("Installing collected packages: Flask, SQLAlchemy, Authlib")
"""
FAILS = "print('ERROR: No matching distribution found for Flask')\nsys.exit(1)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "constraints.txt").write_text("# pinned\nFlask==3.1.2\nSQLAlchemy==2.1.0\nAuthlib==1.9.9\n")
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__init__.py").touch()
    (tmp_path / "pip" / "__main__.py").write_text(PIP)
    return tmp_path


def environ(folder: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(folder)}


def install(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(SCRIPT)]
    return subprocess.run(command, check=False, cwd=folder, env=environ(folder), capture_output=True, text=True)


def test_without_a_terminal_it_says_in_lines_what_it_does(folder: Path) -> None:
    done = install(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "  Looking up 1 of about 3: Flask",
        "  Fetching 1 of 3: flask",
        "  Installing 3 packages; this takes a while.",
    ]


def test_on_a_terminal_one_line_counts(folder: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, SCRIPT], cwd=folder, env=environ(folder), stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    while chunk := _read(ours):
        said += chunk
    os.close(ours)
    assert process.wait() == 0
    for text in (b"Looking up 3 of about 3: Authlib", b"Fetching 2 of 3: sqlalchemy", b"Installing 3 packages"):
        assert b"\r\x1b[K  " + text in said
    assert b"\n" not in said


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # on Linux the end of a terminal
        return b""


def test_when_pip_fails_it_ends_so_and_shows_what_pip_said(folder: Path) -> None:
    (folder / "pip" / "__main__.py").write_text(PIP + FAILS)
    done = install(folder)
    assert done.returncode == 1
    assert "No matching distribution found for Flask" in done.stdout
