"""Certificates of clients and the authorities that issue them, made here, and how a proxy passes them on."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.flows.dpop import b64, public_jwk

if TYPE_CHECKING:
    from tests.flows.provider import Provider
    from tests.flows.relying_party import RelyingParty

HEADER = "X-Client-Cert"
# The peer of the tests' machines, which is the proxy here.
PROXY, STRANGER = "198.51.100.8", "198.51.100.9"
CLIENT_AUTH, SERVER_AUTH = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
# Around the clocks of the tests, and that of the machine.
FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Made:
    """A certificate and its key."""

    cert: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.cert.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.cert.public_bytes(Encoding.PEM)

    @property
    def base64(self) -> str:
        return b64encode(self.der).decode()

    @property
    def thumbprint(self) -> str:
        return b64(sha256(self.der).digest())

    @property
    def jwk(self) -> dict[str, Any]:
        return public_jwk(self.key)

    @property
    def escaped(self) -> dict[str, str]:
        """As nginx passes it on in `$ssl_client_escaped_cert`."""
        return {HEADER: quote(self.pem.decode(), safe="")}

    def written(self, folder: Path, name: str) -> tuple[str, str]:
        """The files of certificate and key."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(self.pem)
        key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return str(certificate), str(key)


def made(
    subject: str,
    by: Made | None = None,
    *,
    ca: bool = False,
    names: Sequence[x509.GeneralName] = (),
    usage: Sequence[x509.ObjectIdentifier] | None = (CLIENT_AUTH,),
    valid: tuple[datetime, datetime] = (FROM, UNTIL),
    key: Key | None = None,
) -> Made:
    """A certificate with this subject, by a CA or by itself; `usage` is its extended key usage."""
    own, name = key or ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string(subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by.cert.subject if by else name)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
    )
    if ca:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    elif usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return Made(builder.sign(by.key if by else own, hashes.SHA256()), own)


# Made once for the tests of a process: an authority, one that it vouches for, and one that nobody trusts.
CA = made("CN=Clients,O=Example", ca=True)
ISSUING = made("CN=Issuing,O=Example", CA, ca=True)
OTHER_CA = made("CN=Clients,O=Elsewhere", ca=True)
VAULT = made("CN=vault,O=Example", CA, names=[x509.DNSName("vault.example.com")])


def as_vault(entry: str, certificate: Made | None, provider: "Provider") -> "RelyingParty":
    """The client vault, with these fields in place of its keys, over TLS with this certificate or without one."""
    text = provider.clients_file.read_text()
    start = text.index("    token_endpoint_auth_method: private_key_jwt\n")
    lines = text[start:].splitlines(keepends=True)
    line = next(each for each in lines if each.startswith("    jwks: "))
    assert provider.declare(text.replace(lines[0], "").replace(line, f"    {entry}\n"))
    vault = provider.client("vault")
    return replace(vault, headers=certificate.escaped if certificate else {})


BY_NAME = 'token_endpoint_auth_method: tls_client_auth\n    tls_client_auth_subject_dn: "CN=vault,O=Example"'
