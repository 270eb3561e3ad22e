"""A program in another language or with packages of its own, which signs in while a browser is at hand."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest


def seen_by(command: Sequence[str | Path], folder: Path, visit: Callable[[str], str | None]) -> dict[str, Any]:
    """What a program says that it has seen, once it is done.

    It prints JSON, a line each: a URL to `open`, where `visit` takes a browser, or what it has `seen`. It is told where
    the browser landed, unless `visit` returns None.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as program:
        assert program.stdin
        assert program.stdout
        assert program.stderr
        for line in program.stdout:
            said = json.loads(line)
            if "seen" in said:
                return dict(said["seen"])
            if (landed := visit(said["open"])) is not None:
                program.stdin.write(json.dumps({"landed": landed}) + "\n")
                program.stdin.flush()
        pytest.fail(program.stderr.read()[-4000:])
