"""Which authenticators new passkeys may come from, where a setting says so: of which kind, and vouched for by whom.

WebAuthn Level 3 §6.5, §7.1 steps 21-25, §8.2.1. https://www.w3.org/TR/webauthn-3/#sctn-attestation
"""

from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from webauthn.helpers import parse_attestation_object
from webauthn.helpers.structs import AttestationFormat
from webauthn.registration.verify_registration_response import VerifiedRegistration

from authserver.settings import Settings
from authserver.signin.factors.passkey import UntrustedError

# Those that prove by a certificate and that the library trusts no roots of its own for.
FORMATS = (AttestationFormat.PACKED, AttestationFormat.FIDO_U2F, AttestationFormat.TPM)
AAGUID_OF_CERTIFICATE = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")


def roots(settings: Settings) -> dict[AttestationFormat, list[bytes]] | None:
    """The certificates that an attestation must lead to; None where any will do."""
    if settings.passkey_roots is None:
        return None
    kept = x509.load_pem_x509_certificates(settings.passkey_roots.read_bytes())
    return {each: [one.public_bytes(Encoding.PEM) for one in kept] for each in FORMATS}


def check(settings: Settings, made: VerifiedRegistration) -> None:
    """That an authenticator which was verified is one of the list. Raises UntrustedError."""
    if not settings.asks_attestation:
        return
    if made.fmt not in FORMATS:
        raise UntrustedError(f"the format {made.fmt}")
    statement = parse_attestation_object(made.attestation_object).att_stmt
    if not statement.x5c:
        # Signed by the new key itself: it says nothing of who has made it.
        raise UntrustedError("self attestation")
    if settings.passkey_authenticators and made.aaguid not in settings.passkey_authenticators:
        raise UntrustedError(f"the AAGUID {made.aaguid}")
    if (named := _aaguid(statement.x5c[0])) is not None and named != made.aaguid:
        raise UntrustedError("another AAGUID in its certificate")


def is_about(error: Exception) -> bool:
    """Whether the library refuses the certificates of an attestation."""
    return "certificate chain" in str(error).lower()


def _aaguid(certificate: bytes) -> str | None:
    try:
        found = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_oid(AAGUID_OF_CERTIFICATE)
    except x509.ExtensionNotFound:
        return None
    # An OCTET STRING of 16 bytes: its tag, its length, and the AAGUID.
    return str(UUID(bytes=found.value.public_bytes()[2:]))
