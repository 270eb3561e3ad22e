"""The examples in JavaScript, run by node."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.examples.served import await_health

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


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
