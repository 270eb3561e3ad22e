"""What processes cost, read from /proc (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (2^20 bytes): resident, and proportional, where a shared page counts in part for each of its users."""

    rss: float
    pss: float


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in _text(task).split()]
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all that descend from it, those that ended among them; 0 for no process.

    Never less than a moment ago: what a process took goes to its parent once it has ended and was waited for.
    """
    while True:
        found = tree(pid)
        took = sum(_cpu_seconds(each, 4) for each in found)
        # One that ended meanwhile is in neither figure, or in both.
        if tree(pid) == found:
            return took


def own_cpu_seconds(pid: int) -> float:
    """User and system time of one process alone, of threads that ended too."""
    return _cpu_seconds(pid, 2)


def _cpu_seconds(pid: int, count: int) -> float:
    # The name in parentheses may hold spaces; what follows it does not. The first two are its own times, then come
    # those of its children that it waited for.
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(map(int, fields[11 : 11 + count])) / _TICKS


def memory(pid: int) -> Memory:
    """What a process occupies now."""
    lines = [line.split() for line in _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()[1:]]
    kilobytes = {words[0]: int(words[1]) for words in lines}
    return Memory(kilobytes["Rss:"] / 1024, kilobytes["Pss:"] / 1024)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
