"""An environment with the applications of Python: made once in pytest's cache, for every test process."""

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parent / "requirements.txt"
PATIENCE = 900


def python_with_applications(config: pytest.Config) -> Path:
    """The interpreter of that environment. Skips the test where the packages cannot be had."""
    assert config.cache is not None
    cache = config.cache.mkdir("applications")
    folder, done = cache / "environment", cache / "installed"
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text()}"
    with (cache / "lock").open("w") as lock:
        # Another process may be about to install.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done.is_file() and done.read_text() == wanted):
            done.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True, timeout=PATIENCE)
            command = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            command += ["-r", str(REQUIREMENTS)]
            done_by_pip = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
            if done_by_pip.returncode:
                pytest.skip(f"the applications were NOT tried: pip could not install them: {done_by_pip.stderr[-300:]}")
            done.write_text(wanted)
    return folder / "bin" / "python"
