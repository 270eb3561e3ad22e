"""Whether the server is about to stop: a byte that the parent sets and every worker reads."""

from mmap import mmap


class Drain:
    """Made before the fork: the memory is the same in all processes."""

    def __init__(self) -> None:
        self._byte = mmap(-1, 1)

    def begin(self) -> None:
        """From now on."""
        self._byte[0] = 1

    def has_begun(self) -> bool:
        """In whichever process it was begun."""
        return self._byte[0] == 1
