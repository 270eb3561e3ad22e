"""Key pairs: made, written, read; one for each algorithm, so that none is used under two.

RS256, PS256 and ES256: RFC 7518 §3.1, https://www.rfc-editor.org/rfc/rfc7518. EdDSA on Ed25519: RFC 8037 §3.1. RFC 9864
calls that `Ed25519`, which most libraries that clients use do not know yet.
"""

from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import ECKey, OKPKey, RSAKey

Pair = RSAKey | ECKey | OKPKey


@dataclass(frozen=True, slots=True)
class LoadedKey:
    """A key ready for use."""

    kid: str
    alg: str
    active_from: int
    public: Pair = field(repr=False)
    private: Pair = field(repr=False)

    def jwk(self) -> dict[str, Any]:
        """The public key (RFC 7517 §4), without any private member."""
        return dict(self.public.as_dict(private=False))


def make(alg: str, bits: int) -> tuple[str, bytes]:
    """A new key pair: its RFC 7638 thumbprint, and the private key as PKCS #8 in DER."""
    pair: Pair
    if alg == "ES256":
        pair = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))
    elif alg == "EdDSA":
        pair = OKPKey.import_key(ed25519.Ed25519PrivateKey.generate())
    else:
        pair = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=bits))
    return pair.thumbprint(), pair.as_der(private=True)


def read(kid: str, alg: str, active_from: int, der: bytes) -> LoadedKey:
    """The key pair for use with this `alg` and no other. Raises ValueError when it is not the key named `kid`."""
    # Testing the primes again takes 33 ms a key; the master key has vouched for every byte.
    native = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    parameters: Any = {"kid": kid, "use": "sig", "alg": alg}
    private: Pair
    public: Pair
    if alg in {"RS256", "PS256"} and isinstance(native, rsa.RSAPrivateKey):
        private = RSAKey.import_key(native, parameters)
        public = RSAKey.import_key(native.public_key(), parameters)
    elif alg == "ES256" and isinstance(native, ec.EllipticCurvePrivateKey):
        private = ECKey.import_key(native, parameters)
        public = ECKey.import_key(native.public_key(), parameters)
    elif alg == "EdDSA" and isinstance(native, ed25519.Ed25519PrivateKey):
        private = OKPKey.import_key(native, parameters)
        public = OKPKey.import_key(native.public_key(), parameters)
    else:
        raise ValueError("not a key for this algorithm")
    if public.thumbprint() != kid:
        raise ValueError("not the key of this name")
    return LoadedKey(kid, alg, active_from, public, private)
