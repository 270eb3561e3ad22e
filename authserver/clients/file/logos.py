"""Fetch the logos of clients that clients.yaml names, and make each anew (authserver/pictures)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from authserver import pictures
from authserver.clients.file.faults import FileFault
from authserver.clients.file.source import Source
from authserver.pictures import PictureError
from authserver.protocol.client.logo import Logo

LARGEST = 512 * 1024


@dataclass(slots=True)
class ClientLogos:
    """Logos by the place of their client in the list; what is wrong, and the files."""

    by_index: dict[int, Logo] = field(default_factory=dict)
    faults: list[FileFault] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


def fetch_logos(source: Source, folder: Path) -> ClientLogos:
    """Fetch every logo that is soundly named; what is not is reported elsewhere."""
    found = ClientLogos()
    for index, name in _named(source):
        path = folder / name
        found.files.append(path)
        try:
            found.by_index[index] = Logo(_made(_read(path)), "image/png")
        except PictureError as fault:
            found.faults.append(source.fault(("clients", index, "logo"), str(fault)))
    return found


def _named(source: Source) -> Iterator[tuple[int, str]]:
    clients = source.data.get("clients") if isinstance(source.data, dict) else None
    for index, owner in enumerate(clients if isinstance(clients, list) else ()):
        logo = owner.get("logo") if isinstance(owner, dict) else None
        if isinstance(logo, str) and logo:
            yield index, logo


def _read(path: Path) -> bytes:
    try:
        # Asked first: opening a pipe would wait for its other end.
        if path.exists() and not path.is_file():
            raise PictureError("this is not a regular file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise PictureError(f"the file cannot be read ({getattr(error, 'strerror', None) or 'no path'})") from None
    if len(content) > LARGEST:
        raise PictureError(f"the file is larger than {LARGEST // 1024} KiB")
    return content


@lru_cache(maxsize=256)
def _made(content: bytes) -> bytes:
    return pictures.logo(content)
