"""The challenge of a passkey: for one browser and one purpose, for ten minutes, once.

WebAuthn Level 3 §13.4.3. https://www.w3.org/TR/webauthn-3/#sctn-cryptographic-challenges
It vouches for itself, so nothing is kept of the many that nobody answers; that it was answered is kept.
"""

import hmac
import secrets
from hashlib import sha256

from authserver.master_key import MasterKey
from authserver.store import Connection, once

NONCE, TIME, MAC = 16, 8, 32
LIFETIME = 600


def new_challenge(master: MasterKey, purpose: str, browser: bytes, now: int) -> bytes:
    """A challenge for this browser (its digest) and purpose."""
    said = secrets.token_bytes(NONCE) + (now + LIFETIME).to_bytes(TIME)
    return said + _mac(master.derive("passkey challenge")[0], said, purpose, browser)


def is_ours(master: MasterKey, challenge: bytes, purpose: str, browser: bytes, now: int) -> bool:
    """Whether a challenge was made here, for this purpose and browser, and is not over."""
    said, mac = challenge[: NONCE + TIME], challenge[NONCE + TIME :]
    ends = int.from_bytes(said[NONCE:])
    keys = master.derive("passkey challenge")
    if len(challenge) != NONCE + TIME + MAC or not now < ends <= now + LIFETIME:
        return False
    return any(hmac.compare_digest(_mac(key, said, purpose, browser), mac) for key in keys)


def spend(connection: Connection, challenge: bytes, now: int) -> bool:
    """Take a challenge that is ours, once. Of many at once one gets it."""
    return once.spend(connection, "passkey challenge", challenge.hex(), now + LIFETIME)


def _mac(key: bytes, said: bytes, purpose: str, browser: bytes) -> bytes:
    return hmac.digest(key, said + browser + purpose.encode(), sha256)
