"""The code of an earlier release, from the history of this checkout."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.cluster.node import TOP


def unpacked(version: str, folder: Path) -> Path:
    """The code of a release, in this folder. Skips, and says so, where there is no history."""
    commit = _commit(version)
    if commit is None:
        pytest.skip(
            f"SKIPPED LOUDLY: the history of release {version} is not here (a shallow clone, or no git): "
            "NOT tried whether it works on the schema of this one"
        )
    packed = subprocess.run(["git", "-C", TOP, "archive", commit], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _commit(version: str) -> str | None:
    """The one that is tagged so, or else the one by which the changelog began to speak of this release."""
    if shutil.which("git") is None or not (TOP / ".git").exists():
        return None
    if tagged := _git("rev-parse", "--verify", "--quiet", f"v{version}^{{commit}}"):
        return tagged[0]
    began = _git("log", "--format=%H", "--reverse", f"-S## [{version}]", "--", "CHANGELOG.md")
    # In a shallow clone the oldest commit is there to have said everything.
    if not began or not _git("rev-parse", "--verify", "--quiet", f"{began[0]}^"):
        return None
    return began[0]


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", "-C", TOP, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.split()
