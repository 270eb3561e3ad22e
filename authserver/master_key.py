"""The master key: what is secret in the database lies sealed under it, so a copy of the database alone is worth little.

Sealing is Fernet, https://github.com/fernet/spec/blob/master/Spec.md; other keys come out of it by HKDF (RFC 5869).
"""

import base64
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from authserver.settings import Settings

FILE_NAME = "master.key"


class MasterKeyError(Exception):
    """The master key is missing, unsafe or not the one that sealed the data; the text says what to do."""


class MasterKey:
    """One or more Fernet keys: the first seals, all unseal."""

    __slots__ = ("_first", "_keys", "_multi", "source")

    def __init__(self, keys: Sequence[str], source: str) -> None:
        self.source = source
        self._keys = tuple(base64.urlsafe_b64decode(key) for key in keys)
        self._first = Fernet(keys[0])
        self._multi = MultiFernet([Fernet(key) for key in keys])

    def __repr__(self) -> str:
        return f"MasterKey({len(self._keys)} from {self.source})"

    def __len__(self) -> int:
        return len(self._keys)

    def seal(self, data: bytes) -> bytes:
        """Encrypt and authenticate under the first key."""
        return self._first.encrypt(data)

    def unseal(self, sealed: bytes) -> bytes:
        """What was sealed. Raises MasterKeyError when none of the keys did it."""
        try:
            return self._multi.decrypt(sealed)
        except InvalidToken:
            raise MasterKeyError(
                f"the database was encrypted under a master key that {self.source} does not contain: add the old key "
                "to it, after the new one; if it is lost, run `authserver keys revoke` for each signing key"
            ) from None

    def try_unseal(self, sealed: bytes) -> bytes | None:
        """What was sealed, or None when none of the keys did it: for what the server can do without."""
        try:
            return self._multi.decrypt(sealed)
        except InvalidToken:
            return None

    def is_first(self, sealed: bytes) -> bool:
        """Whether it is the first key that sealed this."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def derive(self, purpose: str) -> list[bytes]:
        """A 32-byte key for one purpose out of each key, the current one first."""
        info = b"authserver " + purpose.encode()
        return [HKDF(SHA256(), length=32, salt=None, info=info).derive(key) for key in self._keys]


def new_key() -> str:
    """A new Fernet key in its text form."""
    return Fernet.generate_key().decode()


def load(settings: Settings) -> MasterKey:
    """The key of the settings or of `keys_dir`. On a loopback issuer it is made there when missing.

    Raises MasterKeyError with a text that says what to do.
    """
    if settings.master_key:
        keys = [key.get_secret_value() for key in settings.master_key]
        return MasterKey(keys, "AUTHSERVER_MASTER_KEY")
    path = settings.keys_dir / FILE_NAME
    try:
        if not path.exists():
            if not settings.is_loopback:
                raise MasterKeyError(
                    "no master key: set AUTHSERVER_MASTER_KEY to what `authserver keys new-master-key` prints, or "
                    f"write it to {path} with mode 0600, and keep a copy in a safe place"
                )
            _make(path)
        return MasterKey(_read(path), str(path))
    except OSError as error:
        raise MasterKeyError(f"the master key {path} cannot be used: {error.strerror}") from error


def _read(path: Path) -> list[str]:
    with path.open(encoding="ascii", errors="replace") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise MasterKeyError(f"{path} is open to users other than its owner: run `chmod 600 {path}`")
        keys = file.read(65536).split()
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        keys = []
    if not keys:
        raise MasterKeyError(
            f"{path} must contain Fernet keys, one per line: `authserver keys new-master-key` makes one"
        )
    return keys


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(new_key() + "\n")
            file.flush()
            os.fsync(descriptor)
        # A link is refused where the name exists: of many starting processes one names the key, and whole.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
