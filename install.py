"""`make`'s environment: install what constraints.txt pins, and say in the terminal what that is and how far it is.

pip is silent for minutes, or says three lines about each of a hundred packages. Run by the Python of the environment.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterable
from pathlib import Path

PIP = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
# What pip says of each package, once it is looked up, then once it comes, and of all together at the end.
LOOKED_UP = re.compile(r"Collecting ([\w.-]+)")
FETCHED = re.compile(r"\s*(?:Downloading|Using cached) (\S+?)-\d\S*\.whl \(")
INSTALLING = "Installing collected packages: "
LAST_LINES = 30
# Without a terminal, whose line can be written anew, one line for so many packages.
STEP = 20


def main() -> int:
    """Install; the status is pip's, and when it fails the end of what it said is printed."""
    pinned = sum(1 for line in Path("constraints.txt").read_text().splitlines() if re.match(r"\w", line))
    with subprocess.Popen(  # noqa: S603 - our own words
        [*PIP, "-c", "constraints.txt", "-e", ".[dev]"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as pip:
        said = deque(_told(pip.stdout or (), pinned), maxlen=LAST_LINES)
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    if pip.returncode:
        print(f"pip failed with status {pip.returncode}. The end of what it said:\n", "".join(said), sep="", flush=True)
    return pip.returncode


def _told(lines: Iterable[str], pinned: int) -> Iterable[str]:
    """Every line again, after saying what it means for whoever waits."""
    looked_up: set[str] = set()
    fetched: set[str] = set()
    for line in lines:
        yield line
        if found := LOOKED_UP.match(line):
            looked_up.add(found[1])
            _say(f"Looking up {len(looked_up)} of about {pinned}: {found[1]}", len(looked_up))
        elif found := FETCHED.match(line):
            fetched.add(found[1])
            # Some indexes give what pip wants to know of a package only with the package: then it is here already.
            if len(fetched) < len(looked_up):
                _say(f"Fetching {len(fetched)} of {len(looked_up)}: {found[1]}", len(fetched))
        elif line.startswith(INSTALLING):
            count = line.count(",") + 1
            _say(f"Installing {count} package{'' if count == 1 else 's'}; this takes a while.")


def _say(text: str, count: int = 0) -> None:
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 3
        print(f"\r\033[K  {text[:width]}", end="", flush=True)
    elif count % STEP == 0 or count == 1:
        print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
