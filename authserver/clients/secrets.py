"""Fetch the secrets that clients.yaml names. They become digests at once; no value is kept, shown or logged."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from authserver.clients.entries.secret import SecretEntry
from authserver.clients.file.faults import FileFault, Keys
from authserver.clients.file.source import Source
from authserver.protocol.client.secret import Secret

MIN_LENGTH = 32
READABLE_BY_ALL = "everyone on this machine can read this file: take that right away (chmod o-r)"
_MAX_BYTES = 4096
# RFC 6749 appendix A.2: what a client secret may hold.
_SECRET = re.compile(rb"[\x20-\x7e]*")


class UnusableError(Exception):
    """Why a secret cannot be used; never holds it."""


@dataclass(slots=True)
class Secrets:
    """The secrets by their place in the file; what is wrong, what is doubtful, and the files they came from."""

    by_keys: dict[Keys, Secret] = field(default_factory=dict)
    faults: list[FileFault] = field(default_factory=list)
    warnings: list[FileFault] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def of(self, keys: Keys, count: int) -> tuple[Secret, ...]:
        """The secrets of the list at `keys`."""
        return tuple(self.by_keys[(*keys, "secrets", index)] for index in range(count))


def fetch(source: Source, folder: Path, environ: Mapping[str, str]) -> Secrets:
    """Fetch every secret of the file that is soundly named; what is not is reported elsewhere."""
    secrets = Secrets()
    for keys, entry in _sound(source):
        path = folder / entry.file if entry.file else None
        try:
            if path is not None:
                secrets.files.append(path)
                value, is_public = read_file(path)
                digest = _digest(value, "the file")
                if is_public:
                    secrets.warnings.append(source.fault(keys, READABLE_BY_ALL))
            elif entry.env:
                digest = _digest(read_variable(entry.env, environ), f"the variable {entry.env}")
            else:
                digest = bytes.fromhex(entry.sha256 or "")
        except UnusableError as fault:
            secrets.faults.append(source.fault(keys, str(fault)))
        else:
            secrets.by_keys[keys] = Secret(digest, entry.expires_at)
    return secrets


def only_named(source: Source) -> Secrets:
    """In the place of every secret one that nothing can match: to check a file where its secrets are not."""
    return Secrets({keys: Secret(os.urandom(32), entry.expires_at) for keys, entry in _sound(source)})


def _sound(source: Source) -> Iterator[tuple[Keys, SecretEntry]]:
    for keys, raw in _entries(source):
        try:
            yield keys, SecretEntry.model_validate(raw)
        except ValidationError:
            continue


def _entries(source: Source) -> Iterator[tuple[Keys, object]]:
    for collection in ("apis", "clients"):
        owners = source.data.get(collection) if isinstance(source.data, dict) else None
        named: Iterator[tuple[str | int, object]] = iter(())
        if isinstance(owners, dict):
            named = iter(owners.items())
        elif isinstance(owners, list):
            named = iter(enumerate(owners))
        for name, owner in named:
            entries = owner.get("secrets") if isinstance(owner, dict) else None
            for index, raw in enumerate(entries if isinstance(entries, list) else ()):
                yield (collection, name, "secrets", index), raw


def read_variable(name: str, environ: Mapping[str, str]) -> bytes:
    """The secret that an environment variable holds. Raises UnusableError."""
    if name not in environ:
        raise UnusableError(f"the environment variable {name} is not set")
    return _checked(environ[name].encode("utf-8", "surrogateescape"), f"the variable {name}")


def read_file(path: Path) -> tuple[bytes, bool]:
    """The secret that a file holds, and whether everybody can read it. Raises UnusableError."""
    try:
        # Asked first: opening a pipe would wait for its other end.
        if path.exists() and not path.is_file():
            raise UnusableError("this is not a regular file")
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
            is_public = bool(os.fstat(file.fileno()).st_mode & stat.S_IROTH)
    except OSError as error:
        raise UnusableError(
            f"the file cannot be read ({error.strerror}); a relative path starts at the folder of clients.yaml"
        ) from None
    return _checked(content.removesuffix(b"\n").removesuffix(b"\r"), "the file"), is_public


def _checked(secret: bytes, holder: str) -> bytes:
    if not secret:
        raise UnusableError(f"{holder} is empty")
    if len(secret) > _MAX_BYTES:
        raise UnusableError(f"{holder} holds more than {_MAX_BYTES} bytes")
    if not _SECRET.fullmatch(secret):
        raise UnusableError(f"{holder} holds something other than printable ASCII characters (RFC 6749 appendix A.2)")
    return secret


def _digest(secret: bytes, holder: str) -> bytes:
    if len(secret) < MIN_LENGTH:
        raise UnusableError(
            f"{holder} has fewer than {MIN_LENGTH} characters; `authserver clients new-secret CLIENT_ID` makes a secret"
        )
    return sha256(secret).digest()
