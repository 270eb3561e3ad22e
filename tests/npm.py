"""Packages of npm for programs in JavaScript: installed once into pytest's cache, for every test process."""

import fcntl
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.patience import PATIENCE

COMMAND = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]


def installed(source: Path, config: pytest.Config) -> Path:
    """A copy of a folder with the packages of its lock file beside it. Skips the test where they cannot be had."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip(f"{source.name} was NOT tried: node and npm are not on this machine")
    assert config.cache is not None
    cache = config.cache.mkdir("npm")
    folder, done = cache / source.name, cache / f"{source.name}.installed"
    wanted = _digest(source)
    with (cache / f"{source.name}.lock").open("w") as lock:
        # Another process may be about to install, or already run what must not be taken from under it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done.is_file() and done.read_text() == wanted):
            done.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules"))
            npm = subprocess.run(COMMAND, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
            if npm.returncode:
                pytest.skip(f"{source.name} was NOT tried: npm could not install its packages: {npm.stderr[-300:]}")
            done.write_text(wanted)
    return folder


def _digest(source: Path) -> str:
    """What changes with any file of the folder."""
    digest = sha256()
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        if "node_modules" not in path.parts:
            digest.update(f"{path.relative_to(source)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()
