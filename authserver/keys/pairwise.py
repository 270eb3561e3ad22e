"""Persons and sessions as one sector of clients knows them, so that clients of two sectors cannot tell them to be one.

OpenID Connect Core §8.1: the identifier is the encrypted one, so it leads back without a table. AES-SIV (RFC 5297)
gives one text for one person, and refuses what it did not make.
https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from authserver.master_key import MasterKey
from authserver.protocol.client.client import Client
from authserver.store import kept_secrets
from authserver.store.database import Database

Kind = Literal["sub", "sid"]
BITS = 512
NAME = "pairwise"
LONGEST = 255


class Pairwise:
    """The key lies sealed in the database: who a person is to a client must outlive every rotation of the master key.

    Its functions raise MasterKeyError where the master key does not open it.
    """

    def __init__(self, database: Database, master: Callable[[], MasterKey]) -> None:
        self._database = database
        self._master = master
        self._known: AESSIV | None = None

    def prepare(self, client: Client) -> None:
        """Make the key if this client is the first that needs one: not within an open transaction."""
        if client.sector is not None and self._cipher is None:
            with self._database.write(is_brief=True) as connection:
                kept_secrets.keep(connection, NAME, self._master().seal(AESSIV.generate_key(BITS)))

    @property
    def _cipher(self) -> AESSIV | None:
        if self._known is None:
            with self._database.read() as connection:
                sealed = kept_secrets.find(connection, NAME)
            self._known = AESSIV(self._master().unseal(sealed)) if sealed is not None else None
        return self._known

    def seen(self, client: Client, value: str, kind: Kind = "sub") -> str:
        """What a client that was prepared for gets for a `sub` or a `sid` as we store them."""
        if client.sector is None:
            return value
        cipher = self._cipher
        assert cipher is not None  # noqa: S101 - prepared for
        encrypted = cipher.encrypt(value.encode(), [kind.encode(), client.sector.encode()])
        return urlsafe_b64encode(encrypted).rstrip(b"=").decode()

    def meant(self, client: Client, seen: str, kind: Kind = "sub") -> str | None:
        """What we store, for what a client sends back; None for what no client of its sector ever got."""
        return seen if client.sector is None else self._meant(client.sector, seen, kind)

    def person(self, sectors: Iterable[str], seen: str) -> str | None:
        """The `sub` as we store it of whom the clients of one of these sectors know by this one, whichever that is."""
        return next(filter(None, (self._meant(sector, seen, "sub") for sector in sectors)), None)

    def _meant(self, sector: str, seen: str, kind: Kind) -> str | None:
        cipher = self._cipher
        if cipher is None:
            return None
        try:
            encrypted = urlsafe_b64decode(seen + "=" * (-len(seen) % 4)) if len(seen) <= LONGEST else b""
            # Other spellings of the same bits are none of ours.
            if urlsafe_b64encode(encrypted).rstrip(b"=").decode() != seen:
                return None
            return cipher.decrypt(encrypted, [kind.encode(), sector.encode()]).decode()
        except (InvalidTag, ValueError):
            return None
