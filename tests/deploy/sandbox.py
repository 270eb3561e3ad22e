"""The system calls that the unit of systemd leaves, for processes of the tests: as systemd has it, by libseccomp."""

import ctypes
import errno
import re
from collections.abc import Iterable
from pathlib import Path

from tests.deploy.programs import judged

# What is not named is refused like this, and what is, is allowed: seccomp.h of libseccomp.
_REFUSED, _ALLOWED = 0x00050000 | errno.EPERM, 0x7FFF0000


def left_by(unit: Path) -> frozenset[str]:
    """The names of the system calls that the lines of this unit allow, one after the other."""
    (refused,) = re.findall(r"^SystemCallErrorNumber=(\w+)$", unit.read_text(), re.MULTILINE)
    assert refused == "EPERM"
    groups = _groups()
    allowed = set(_members("@default", groups))
    lines = re.findall(r"^SystemCallFilter=(~?)(.+)$", unit.read_text(), re.MULTILINE)
    # The first line decides what holds for all the others that are not named.
    assert not lines[0][0]
    for taken_away, names in lines:
        found = {call for name in names.split() for call in _members(name, groups)}
        allowed = allowed - found if taken_away else allowed | found
    return frozenset(allowed)


def enter(names: Iterable[str]) -> None:
    """Leave this process, and whatever it starts, no other system calls. There is no way back."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(_REFUSED)))
    for name in names:
        number = library.seccomp_syscall_resolve_name(name.encode())
        # Below 0, it is none of this machine.
        if number >= 0:
            assert library.seccomp_rule_add(rules, ctypes.c_uint32(_ALLOWED), number, 0) == 0, name
    assert library.seccomp_load(rules) == 0


def _groups() -> dict[str, list[str]]:
    told = judged("systemd-analyze", "--no-pager", "syscall-filter", how="apt-get install systemd").stdout
    groups: dict[str, list[str]] = {}
    for line in told.splitlines():
        name = line.strip()
        if line.startswith("@"):
            groups[name] = []
        elif line.startswith(" ") and name and not name.startswith("#") and groups:
            groups[[*groups][-1]].append(name)
    return groups


def _members(name: str, groups: dict[str, list[str]]) -> Iterable[str]:
    if not name.startswith("@"):
        return [name]
    return [call for each in groups[name] for call in _members(each, groups)]
