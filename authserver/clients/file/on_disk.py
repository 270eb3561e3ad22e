"""clients.yaml on the disk: its bytes, how large it is, and whether it has changed."""

from pathlib import Path

from authserver.clients.file.faults import ClientsFileError, FileFault
from authserver.clients.file.reader import MAX_BYTES

# A smaller file, of some 300 clients, is read before a process would have begun.
LARGE = 100_000
State = tuple[int, ...] | None


def content_of(path: Path) -> bytes:
    """The bytes of a file, and never more than one past what is read. Raises `ClientsFileError`."""
    try:
        # Asked first: opening a pipe would wait for its other end.
        if path.exists() and not path.is_file():
            raise ClientsFileError([FileFault(str(path), 1, 1, "", "this is not a regular file")])
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ClientsFileError([FileFault(str(path), 1, 1, "", f"cannot be read: {error.strerror}")]) from None


def is_large(path: Path) -> bool:
    """Whether reading it is worth a process of its own."""
    try:
        return path.stat().st_size > LARGE
    except OSError:
        return False


def state_of(file: Path) -> State:
    """What differs once a file has changed; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    # ctime moves with every change of content or rights, even where the other times are set back.
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
