"""Passkeys: the words of it, without the library of it, which only who answers one needs.

WebAuthn Level 3 §5.1.2 (relying party), RFC 8176 §2 (amr). https://www.w3.org/TR/webauthn-3/
"""

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authserver.settings import Settings
from authserver.store.factors.passkeys import NewPasskey, Passkey

if TYPE_CHECKING:
    from webauthn.helpers.structs import AuthenticationCredential


class PasskeyError(Exception):
    """What a browser sent is no right answer; the text is for the log alone."""


class UntrustedError(PasskeyError):
    """A new passkey of an authenticator that is not on the list of the settings, or cannot prove that it is."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What came, as the library has parsed it: which credential, for which challenge, and whose it says that it is."""

    credential: "AuthenticationCredential"
    credential_id: str
    challenge: bytes
    user_handle: bytes | None


@dataclass(frozen=True, slots=True)
class Proven:
    """A right answer: the counter of the authenticator, and whether a copy of the passkey is kept elsewhere."""

    sign_count: int
    is_backed_up: bool


def rp_id(settings: Settings) -> str | None:
    """The domain that passkeys are for; None where there can be none, on a bare IP address."""
    if settings.passkey_rp_id is not None:
        return settings.passkey_rp_id
    host = settings.host_of_issuer
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return None


def origin(settings: Settings) -> str:
    """The only origin of our pages."""
    return f"{settings.scheme}://{settings.authority}"


def amr_of(passkey: Passkey | NewPasskey) -> tuple[str, ...]:
    """How it proves (RFC 8176 §2): a key in hardware or one that is synced, and the person verified there."""
    return ("swk" if passkey.is_synced else "hwk", "pop", "mfa")
