"""A software authenticator: makes passkeys and answers with them, rightly, or wrongly in one respect.

WebAuthn Level 3 §6. https://www.w3.org/TR/webauthn-3/#sctn-authenticator-model
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
AAGUID = bytes.fromhex("d548826e79b4db40a3d811116f7e8349")


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")


@dataclass
class Authenticator:
    """One passkey on one device. What it says can be changed before it answers."""

    origin: str
    flags: int = UP | UV
    counter: int = 0
    counts: bool = False
    rp_id: str | None = None
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    client_data: dict[str, Any] = field(default_factory=dict)
    aaguid: bytes = AAGUID
    conveyance: str = "none"
    # What vouches for it, over what it says (§8.2); nothing where nobody asks.
    statement: Callable[[bytes], dict[str, Any]] = field(default=lambda _said: {})

    def create(self, options: dict[str, Any], **changed: Any) -> str:
        """What a browser sends for `navigator.credentials.create()`; `changed` members of the attestation object."""
        assert options["authenticatorSelection"]["userVerification"] == "required"
        assert options["authenticatorSelection"]["residentKey"] == "required"
        assert options["attestation"] == self.conveyance
        self.user_handle = data(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = self.aaguid + len(self.credential_id).to_bytes(2) + self.credential_id
        said = self._authenticator_data(options["rp"]["id"], AT) + attested + cbor2.dumps(changed.pop("cose", cose))
        client_data = self._client_data("webauthn.create", options)
        statement = self.statement(said + sha256(client_data).digest())
        made = {"fmt": "packed" if statement else "none", "attStmt": statement, "authData": said} | changed
        return self._sent(
            clientDataJSON=client_data,
            attestationObject=cbor2.dumps(made),
            transports=["internal", "hybrid"],
        )

    def get(self, options: dict[str, Any], **changed: bytes) -> str:
        """What it sends for `navigator.credentials.get()`; `changed` members of the response."""
        assert options["userVerification"] == "required"
        self.counter += self.counts
        client_data = self._client_data("webauthn.get", options)
        said = self._authenticator_data(options["rpId"])
        signature = self.key.sign(said + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": client_data, "authenticatorData": said, "signature": signature}
        return self._sent(**response | {"userHandle": self.user_handle} | changed)

    def _authenticator_data(self, rp_id: str, more: int = 0) -> bytes:
        return sha256((self.rp_id or rp_id).encode()).digest() + bytes([self.flags | more]) + self.counter.to_bytes(4)

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.client_data).encode()

    def _sent(self, **response: Any) -> str:
        written = {name: text(value) if isinstance(value, bytes) else value for name, value in response.items()}
        name = text(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": written})
