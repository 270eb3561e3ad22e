"""Longer time slices: with the kernel's own, of a millisecond or three, threads are stopped in the midst of what others
wait for.

Since Linux 6.12, sched_setattr(2) sets them for ordinary threads, too. https://man7.org/linux/man-pages/man2/sched_setattr.2.html
"""

import ctypes
import os
import platform
import sys

import structlog

# Of asm/unistd.h: until 2.41, glibc had no function of this name.
_NUMBERS = {"x86_64": 314, "aarch64": 274}
_log = structlog.get_logger("authserver")


class _Attributes(ctypes.Structure):
    """Of linux/sched/types.h, struct sched_attr."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def ask_for(milliseconds: int) -> None:
    """Give this thread, and those that it starts, slices so long; a line in the log says where that cannot be had."""
    reason = _refused(milliseconds * 1_000_000)
    if reason is not None:
        _log.warning("worker:time_slice_refused", reason=reason, advice="unset AUTHSERVER_TIME_SLICE")


def _refused(nanoseconds: int) -> str | None:
    number = _NUMBERS.get(platform.machine()) if sys.platform == "linux" else None
    if number is None:
        return "known of Linux on x86_64 and aarch64 alone"
    policy, nice = os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)
    if policy not in (os.SCHED_OTHER, os.SCHED_BATCH):
        return "the server was started under another scheduling policy"
    wanted = _Attributes(ctypes.sizeof(_Attributes), policy, 0, nice, 0, nanoseconds)
    failed = ctypes.CDLL(None, use_errno=True).syscall(number, 0, ctypes.byref(wanted), 0)
    return os.strerror(ctypes.get_errno()) if failed else None
