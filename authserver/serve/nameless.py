"""A file that has no name, for the processes that inherit it."""

import os
import tempfile


def nameless_file() -> int:
    """The descriptor of a new one, open for reading and writing; in memory where the system has such files."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("authserver")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
