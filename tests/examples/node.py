"""The examples in JavaScript: their packages installed once, into pytest's cache, and their programs run."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.examples.served import await_health

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def installed(name: str, config: pytest.Config) -> Path:
    """A copy of an example with the packages of its lock file beside it. Skips the test where they cannot be had."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip(f"examples/{name} was NOT tried: node and npm are not on this machine")
    assert config.cache is not None
    folder = config.cache.mkdir(f"example-{name}")
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True)
    lock, done = folder / "package-lock.json", folder / "node_modules" / ".installed"
    if not done.is_file() or done.read_bytes() != lock.read_bytes():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        npm = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
        if npm.returncode:
            pytest.skip(f"examples/{name} was NOT tried: npm could not install its packages: {npm.stderr[-300:]}")
        shutil.copyfile(lock, done)
    return folder


@contextmanager
def running(folder: Path, script: str, port: int, **variables: str) -> Iterator[str]:
    """The address of a program that listens on a port."""
    node = shutil.which("node")
    assert node
    with subprocess.Popen(
        [node, script],
        cwd=folder,
        env=variables | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            await_health(f"http://127.0.0.1:{port}/healthz", process)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
