"""A backup: a tar archive, encrypted to public keys of age, so that the machine that makes it cannot read it.

https://age-encryption.org/v1; `age --decrypt --identity backup.key FILE | tar --list` works without this program.
"""

import io
import json
import os
import tarfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass
from io import BufferedReader, BufferedWriter
from pathlib import Path, PurePosixPath
from threading import Thread

MANIFEST, DATABASE, CLIENTS, KEYS = "manifest.json", "database", "clients.yaml", "keys"
NO_KEYS = "the identity file must contain secret keys as `age-keygen` makes them"
# The first second that has no date of four digits.
LATEST = 253_402_300_800


class ArchiveError(Exception):
    """A backup cannot be made or read; the text says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of. `database` is `sqlite` or `postgresql`; `made_at` is seconds since the epoch."""

    release: str
    revision: str
    database: str
    made_at: int


def write(target: Path, to: Sequence[str], manifest: Manifest, files: dict[str, Path]) -> None:
    """Encrypt these files, by the names that they have inside, into a new one. Raises ArchiveError, OSError."""
    import pyrage

    try:
        recipients = [pyrage.x25519.Recipient.from_str(each) for each in to]
    except pyrage.RecipientError:
        raise ArchiveError("a public key of age begins with age1: `age-keygen` makes one") from None
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with _new(draft) as file:
            _through_a_pipe(
                lambda inlet: _pack(inlet, manifest, files),
                lambda outlet: pyrage.encrypt_io(outlet, file, recipients),
            )
            file.flush()
            os.fsync(file.fileno())
        # A link is refused where the name exists.
        os.link(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def read(source: Path, identities: str, into: Path) -> Manifest:
    """Decrypt a backup into a folder; nothing of it may be used before this returns. Raises ArchiveError, OSError."""
    import pyrage

    lines = [line.strip() for line in identities.splitlines()]
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        raise ArchiveError(NO_KEYS) from None
    with source.open("rb") as file:
        try:
            _through_a_pipe(lambda inlet: pyrage.decrypt_io(file, inlet, keys), lambda outlet: _unpack(outlet, into))
        except (pyrage.DecryptError, tarfile.TarError, EOFError, OSError, ValueError) as error:
            # What age finds wrong past the beginning is an OSError, but none of the system's.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise ArchiveError("it cannot be decrypted: it is cut off, changed, or for another key") from None
    try:
        manifest = Manifest(**json.loads((into / MANIFEST).read_bytes()))
        if [type(each) for each in astuple(manifest)] != [str, str, str, int] or not 0 <= manifest.made_at < LATEST:
            raise ValueError
    except (OSError, ValueError, TypeError, RecursionError):
        raise ArchiveError("it is no backup of authserver") from None
    return manifest


def _pack(inlet: BufferedWriter, manifest: Manifest, files: dict[str, Path]) -> None:
    with tarfile.open(fileobj=inlet, mode="w|") as archive:
        about = json.dumps(asdict(manifest)).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(about), 0o600
        archive.addfile(entry, io.BytesIO(about))
        for name, path in files.items():
            with path.open("rb") as file:
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = os.fstat(file.fileno()).st_size, 0o600
                archive.addfile(entry, file)


def _unpack(outlet: BufferedReader, into: Path) -> None:
    with tarfile.open(fileobj=outlet, mode="r|") as archive:
        for entry in archive:
            folder, _, name = entry.name.rpartition("/")
            # Whoever has the public key can make an archive: nothing is written but what a backup holds.
            is_known = entry.name in (MANIFEST, DATABASE, CLIENTS) or (folder == KEYS and name not in ("", ".", ".."))
            content = archive.extractfile(entry) if is_known and entry.isfile() else None
            if content is None:
                raise ArchiveError("it holds something that no backup holds")
            path = into / PurePosixPath(entry.name)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with _new(path) as file:
                while part := content.read(1 << 20):
                    file.write(part)


def _new(path: Path) -> BufferedWriter:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _through_a_pipe(give: Callable[[BufferedWriter], None], take: Callable[[BufferedReader], object]) -> None:
    """Run both, the one in a thread, with a pipe from `give` to `take`. Raises what one of them raised."""
    faults: list[BaseException] = []
    reading, writing = os.pipe()
    outlet, inlet = os.fdopen(reading, "rb"), os.fdopen(writing, "wb")

    def run() -> None:
        try:
            with inlet:
                give(inlet)
        except BaseException as error:
            faults.append(error)

    thread = Thread(target=run)
    thread.start()
    try:
        with outlet:
            take(outlet)
            # What follows the end of an archive was encrypted, too, and must be sound.
            while outlet.read(1 << 16):
                pass
    except BaseException as error:
        faults.append(error)
    with suppress(RuntimeError):
        thread.join()
    told = [fault for fault in faults if not isinstance(fault, BrokenPipeError)] or faults
    if told:
        raise told[0]
