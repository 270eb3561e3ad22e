"""What one process of a node does at a time, out of those that a parent has forked."""

import fcntl

from authserver.serve.nameless import nameless_file


class Alone:
    """A turn that a process keeps until it ends, however it ends; then another takes it. Made before the fork."""

    def __init__(self) -> None:
        # A lock on it is all that is wanted.
        self._file = nameless_file()

    def take(self) -> bool:
        """Whether this process has the turn."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
