"""The certificate by which a client authenticates, or that its tokens are bound to: whose it is, and by whom.

RFC 8705 §2.1 (by a CA, with a registered subject), §2.2 (self-signed, registered itself), §3.1 (its thumbprint); RFC
5280 §6. https://www.rfc-editor.org/rfc/rfc8705
"""

from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

from authserver.protocol.client.client import SubjectKind
from authserver.protocol.upstream.foreign_keys import MAX_KEYS, public_key

Kind = TypeVar("Kind", bound=x509.ExtensionType)
# What cryptography raises for parts of a certificate that are malformed, or that it does not know.
UNREADABLE = (
    *(ValueError, TypeError, UnsupportedAlgorithm),
    *(x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)
# RFC 4514 §3 names nine attributes; these are what OpenSSL and CAs write beside them.
_ATTRIBUTES = {
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "E": NameOID.EMAIL_ADDRESS,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
}
EXPIRED = "The client certificate has expired, or is not valid yet."
NOT_FOR_CLIENTS = "The client certificate is not for client authentication (extended key usage)."
STRANGE = "The client certificate is neither by a CA that this server trusts nor one that the client has registered."
ANOTHER = (
    "The client certificate is by a CA that this server trusts, but its subject is not registered for this client."
)


class CertificateFault(Exception):  # noqa: N818 - what is wrong with it
    """Why a certificate proves nothing: `said` to whoever sent it, in constant words, and `detail` to the log."""

    def __init__(self, said: str, detail: str) -> None:
        super().__init__(detail)
        self.said = said
        self.detail = detail


@dataclass(frozen=True)
class ClientCertificate:
    """A certificate that a client showed in TLS, parsed, and those that it sent along to lead to a CA, unparsed."""

    parsed: x509.Certificate
    intermediates: tuple[bytes, ...] = field(default=(), repr=False)

    @cached_property
    def thumbprint(self) -> str:
        """`x5t#S256` (§3.1): SHA-256 of the DER, base64url."""
        return thumbprint_of(self.parsed.public_bytes(Encoding.DER))


def thumbprint_of(der: bytes) -> str:
    return urlsafe_b64encode(sha256(der).digest()).rstrip(b"=").decode("ascii")


def read(ders: tuple[bytes, ...]) -> ClientCertificate:
    """The certificate whose DER is the first. Raises ValueError."""
    try:
        return ClientCertificate(x509.load_der_x509_certificate(ders[0]), ders[1:])
    except UNREADABLE:
        raise ValueError("it is no X.509 certificate") from None


def check_itself(certificate: ClientCertificate, now: int) -> None:
    """Refuse what no client could authenticate by at this time. `now` is in seconds since the epoch.

    Raises CertificateFault.
    """
    cert, at = certificate.parsed, datetime.fromtimestamp(now, UTC)
    if not cert.not_valid_before_utc <= at <= cert.not_valid_after_utc:
        valid = f"{cert.not_valid_before_utc:%Y-%m-%d %H:%M} to {cert.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        raise CertificateFault(EXPIRED, f"the certificate is valid from {valid}")
    try:
        _for_clients(None, None, _extension(cert, x509.ExtendedKeyUsage))
    except ValueError as error:
        raise CertificateFault(NOT_FOR_CLIENTS, f"the certificate {error}") from None
    except UNREADABLE as error:
        raise CertificateFault(STRANGE, f"the certificate cannot be read: {type(error).__name__}") from None


def check_issuer(certificate: ClientCertificate, cas: "Cas", now: int) -> None:
    """Refuse what leads to none of these CAs (RFC 5280 §6; what was revoked is not asked). Raises CertificateFault."""
    cert = certificate.parsed
    try:
        sent = [x509.load_der_x509_certificate(each) for each in certificate.intermediates]
        known = cert.issuer in cas.names or any(cert.issuer == each.subject for each in sent)
        issuer = _name(cert.issuer)
        cas.verifier(now).verify(cert, sent)
    except VerificationError:
        why = "its signature, or a CA on the way, is not sound now" if known else "no such CA is listed or sent"
        raise CertificateFault(STRANGE, f"the certificate is by {issuer}: {why}") from None
    except UNREADABLE as error:
        raise CertificateFault(
            STRANGE, f"the certificate or its chain cannot be read: {type(error).__name__}"
        ) from None


def check_subject(certificate: ClientCertificate, registered: tuple[SubjectKind, str]) -> None:
    """Refuse another subject than the registered one (RFC 8705 §2.1.2). Raises CertificateFault."""
    kind, expected = registered
    cert = certificate.parsed
    try:
        if kind == "subject_dn":
            found, is_right = [_name(cert.subject)], cert.subject == distinguished_name(expected)
        else:
            found = _alternative_names(cert, kind)
            is_right = _normal(kind, expected) in {_normal(kind, each) for each in found}
    except UNREADABLE as error:
        raise CertificateFault(ANOTHER, f"its subject cannot be read: {type(error).__name__}") from None
    if not is_right:
        raise CertificateFault(ANOTHER, f"the certificate has {kind} {found!r:.500}, registered is {expected!r}")


def check_registered(certificate: ClientCertificate, key_sets: Iterable[Mapping[str, Any]]) -> None:
    """Refuse a certificate that is in none of these JWK Sets, and whose key is not, either (RFC 8705 §2.2).

    A key with `x5c` is for that certificate alone. Raises CertificateFault, and whatever `key_sets` raise.
    """
    for key_set in key_sets:
        keys = key_set.get("keys")
        listed = keys[:MAX_KEYS] if isinstance(keys, list) else ()
        if any(_is_of(certificate, key) for key in listed if isinstance(key, dict)):
            return
    detail = f"neither the certificate {certificate.thumbprint} nor its key is in the client's JWK Set"
    raise CertificateFault(STRANGE, detail)


def distinguished_name(text: str) -> x509.Name:
    """A name as RFC 4514 writes it. Raises ValueError."""
    return x509.Name.from_rfc4514_string(text, _ATTRIBUTES)


def first_certificate(key: Mapping[str, Any]) -> str | None:
    """The certificate of a key, in base64 (RFC 7517 §4.7)."""
    chain = key.get("x5c")
    return chain[0] if isinstance(chain, list) and chain and isinstance(chain[0], str) else None


def holds_its_certificate(key: Mapping[str, Any]) -> bool:
    """Whether a usable JWK has no certificate, or one that is of this key (RFC 7517 §4.7)."""
    if "x5c" not in key:
        return True
    try:
        cert = x509.load_der_x509_certificate(b64decode(first_certificate(key) or "", validate=True))
        found = public_key(key)
        return found is not None and spki(found.public_key) == spki(cert.public_key())
    except UNREADABLE:
        return False


def spki(key: Any) -> bytes:
    """A public key as X.509 writes it, so that two are the same if this is."""
    written: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return written


class Cas:
    """The certificate authorities that may issue certificates for clients, each trusted by itself."""

    def __init__(self, pem: bytes) -> None:
        certificates = x509.load_pem_x509_certificates(pem)
        self._store = Store(certificates)
        self.names = frozenset(each.subject for each in certificates)
        # WebPKI's rules are for servers of the Internet: they want a name of a host, and what many companies' CAs lack.
        either = ExtensionPolicy.permit_all().may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _for_clients)
        authority = either.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
        self._ca = authority.may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_issue)
        self._ee = either.may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_no_ca)

    def verifier(self, now: int) -> Any:
        at = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
        policies = PolicyBuilder().extension_policies(ca_policy=self._ca, ee_policy=self._ee)
        return policies.store(self._store).time(at).max_chain_depth(4).build_client_verifier()


def _for_clients(_policy: Policy | None, _cert: x509.Certificate | None, usage: x509.ExtendedKeyUsage | None) -> None:
    # RFC 5280 §4.2.1.12: without the extension a key is for anything.
    allowed = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if usage is not None and allowed.isdisjoint(usage):
        raise ValueError("has an extended key usage without clientAuth")


def _may_issue(_policy: Policy, _cert: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("is of a CA that may not issue certificates")


def _is_no_ca(_policy: Policy, _cert: x509.Certificate, constraints: x509.BasicConstraints | None) -> None:
    if constraints is not None and constraints.ca:
        raise ValueError("is that of a CA")


def _is_of(certificate: ClientCertificate, key: Mapping[str, Any]) -> bool:
    cert, pinned = certificate.parsed, first_certificate(key)
    if pinned is not None:
        return pinned == b64encode(cert.public_bytes(Encoding.DER)).decode("ascii")
    found = public_key(key)
    try:
        return found is not None and spki(found.public_key) == spki(cert.public_key())
    except UNREADABLE:
        return False


def _alternative_names(cert: x509.Certificate, kind: SubjectKind) -> list[str]:
    names = _extension(cert, x509.SubjectAlternativeName)
    if names is None:
        return []
    if kind == "san_ip":
        return [str(each) for each in names.get_values_for_type(x509.IPAddress)]
    if kind == "san_uri":
        return names.get_values_for_type(x509.UniformResourceIdentifier)
    return names.get_values_for_type(x509.DNSName if kind == "san_dns" else x509.RFC822Name)


def _normal(kind: SubjectKind, name: str) -> object:
    if kind == "san_dns":
        return name.lower()
    if kind == "san_ip":
        try:
            return ip_address(name)
        except ValueError:
            # A network, which a certificate may name and which no client is.
            return name
    if kind == "san_email":
        local, _, domain = name.rpartition("@")
        return local, domain.lower()
    return name


def _extension(cert: x509.Certificate, kind: type[Kind]) -> Kind | None:
    try:
        return cert.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _name(name: x509.Name) -> str:
    return name.rfc4514_string()[:300]
