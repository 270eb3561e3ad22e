"""What one process of a node does at a time, out of those that a parent has forked."""

import fcntl
import os
import tempfile


class Alone:
    """A turn that a process keeps until it ends, however it ends; then another takes it. Made before the fork."""

    def __init__(self) -> None:
        # A file that has no name, in memory where the system has such files: a lock on it is all that is wanted.
        if hasattr(os, "memfd_create"):
            self._file = os.memfd_create("authserver")
        else:
            with tempfile.TemporaryFile() as file:
                self._file = os.dup(file.fileno())

    def take(self) -> bool:
        """Whether this process has the turn."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
