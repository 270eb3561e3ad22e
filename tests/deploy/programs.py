"""Programs of others that judge a file, where they are installed."""

import shutil
import subprocess
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from authserver.settings import Settings
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
# Seconds that the server may take to stop.
LONGEST_STOP = Settings.model_fields["drain"].default + Settings.model_fields["stop_timeout"].default


def judged(program: str, *arguments: str | Path, how: str) -> "CompletedProcess[str]":
    """What the program says. Skips, with `how` to get it, where there is none."""
    found = shutil.which(program) or shutil.which(program, path=str(Path.home() / "go" / "bin"))
    if found is None:
        pytest.skip(f"there is no {program} here, so this was NOT checked; to have it: {how}")
    return subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, check=False)
