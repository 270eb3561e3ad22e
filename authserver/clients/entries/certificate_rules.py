"""What a client's entry says about its TLS certificates: by which name one is known, and what else goes with them.

RFC 8705 §2.1.2, §3.4. https://www.rfc-editor.org/rfc/rfc8705#section-2.1.2
"""

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from pydantic import ValidationInfo

from authserver.clients.file.names import rule
from authserver.http.possession.client_certificate import distinguished_name
from authserver.protocol.client.client import SubjectKind

if TYPE_CHECKING:
    from authserver.clients.entries.client import ClientEntry

# As RFC 8705 names them; the distinguished name last, as the one that is missed where all are.
PREFIX = "tls_client_auth_"
SUBJECTS: tuple[SubjectKind, ...] = ("san_dns", "san_uri", "san_ip", "san_email", "subject_dn")
NAMES = tuple(PREFIX + kind for kind in SUBJECTS[:-1])


def name_of_host(value: str) -> str:
    """A name of a host, in the ASCII that certificates have."""
    labels = value.split(".")
    if not value.isascii() or not all(label.replace("-", "a").isalnum() for label in labels) or len(value) > 253:
        raise rule("must be one name of a host, such as client.example.com, without a wildcard")
    return value


def uri(value: str) -> str:
    """An absolute URI, whatever its scheme: SPIFFE has one of its own."""
    scheme, colon, rest = value.partition(":")
    if not value.isascii() or not value.isprintable() or " " in value or not (scheme.isalnum() and colon and rest):
        raise rule("must be an absolute URI, such as spiffe://example.com/client")
    return value


def address(value: str) -> str:
    """An IP address."""
    try:
        ip_address(value)
    except ValueError:
        raise rule("must be one IP address, such as 192.0.2.7 or 2001:db8::7") from None
    return value


def mailbox(value: str) -> str:
    """An e-mail address as certificates have it."""
    local, at, domain = value.rpartition("@")
    if not value.isascii() or not value.isprintable() or not (local and at and domain):
        raise rule("must be one e-mail address")
    return value


def subject(value: str | None, info: ValidationInfo) -> str | None:
    """With `tls_client_auth` a client has one subject of the five, and without it none."""
    data = info.data
    given = [name for name in NAMES if data.get(name) is not None]
    given += ["tls_client_auth_subject_dn"] if value is not None else []
    method = data.get("token_endpoint_auth_method", "tls_client_auth")
    if not given and method != "tls_client_auth":
        return None
    # Absent where it is at fault itself.
    known = all(name in data for name in NAMES)
    if given and method != "tls_client_auth":
        raise rule(f"{given[0]} is for a client with token_endpoint_auth_method: tls_client_auth")
    if len(given) > 1:
        raise rule(f"is beside {given[0]}: a certificate is known by one of them")
    if not given and known and data.get("token_endpoint_auth_method") == "tls_client_auth":
        raise rule(f"tls_client_auth needs the name in its certificates: write this, or one of {', '.join(NAMES)}")
    return None if value is None else _distinguished(value)


def _distinguished(value: str) -> str:
    try:
        is_empty = "=#" in value or not list(distinguished_name(value))
    except ValueError:
        is_empty = True
    if is_empty:
        raise rule(
            "must be a name as RFC 4514 writes it, such as CN=client,O=Example,C=DE, with values as text "
            "(openssl x509 -noout -subject -nameopt RFC2253 prints it)"
        )
    return value


def bound_one_way(value: bool, info: ValidationInfo) -> bool:
    """A token has one key that whoever sends it must prove."""
    if value and info.data.get("dpop_bound_access_tokens"):
        raise rule("is beside dpop_bound_access_tokens: a token is bound in one way, so leave one of them out")
    return value


def registered_subject(entry: "ClientEntry") -> tuple[SubjectKind, str] | None:
    """What the certificates of a client are known by."""
    found: Any = next(((kind, name) for kind in SUBJECTS if (name := getattr(entry, PREFIX + kind))), None)
    subject_of: tuple[SubjectKind, str] | None = found
    return subject_of
