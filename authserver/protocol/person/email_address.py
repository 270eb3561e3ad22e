"""An email address: kept as it was given, and compared by its key.

A domain compares as IDNA 2008 has it, in A-labels and lower case; a local part without regard to the case of ASCII
letters. What is not ASCII compares exactly: whatever looks alike, or folds to the same, is another mailbox.
RFC 5891 §4, RFC 5321 §2.4. https://www.rfc-editor.org/rfc/rfc5891#section-4
"""

from collections.abc import Container
from string import ascii_lowercase, ascii_uppercase

import idna

from authserver.protocol.words import marked

MAX_EMAIL = 254
MAX_DOMAIN = 253
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def email_key(address: str) -> str:
    """What an address is found, counted and held unique by.

    A domain that IDNA 2008 has not, which an earlier release took, compares exactly but for ASCII case.
    """
    local, at, domain = address.rpartition("@")
    return f"{local.translate(_LOWER)}{at}{a_labels(domain) or domain.translate(_LOWER)}"


def a_labels(domain: str) -> str | None:
    """A domain in A-labels and lower case; None where IDNA 2008 has no such domain. Nothing else is mapped."""
    lower = domain.translate(_LOWER)
    # The root's dot names the same host, but is no part of an address (RFC 5321 §2.3.5).
    if len(lower) > MAX_DOMAIN or lower.endswith("."):
        return None
    try:
        encoded = idna.encode(lower, strict=True).decode("ascii")
        # RFC 5891 §5.4: an A-label is one only if its U-label gives it back.
        return encoded if "xn--" not in encoded or idna.encode(idna.decode(encoded)).decode() == encoded else None
    except ValueError:
        return None


def domain_of(address: str) -> str | None:
    """The domain of an address in A-labels and lower case; None where it has none."""
    return a_labels(address.rpartition("@")[2])


def is_at(address: str | None, domains: Container[str | None]) -> bool:
    """Whether an address is at one of these domains, which are in A-labels and lower case. A subdomain is another."""
    domain = domain_of(address or "")
    return domain is not None and domain in domains


def email_fault(address: str) -> str | None:
    """Why this cannot be an email address, or None. Whether it exists only a message sent there can tell."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or "@" in local or len(address) > MAX_EMAIL or len(email_key(address)) > MAX_EMAIL:
        return marked("an email address looks like name@domain and has at most 254 characters")
    # RFC 2047 §5 allows no encoded word there; who reads one finds another recipient than the one that was checked.
    if "=?" in local:
        return marked("an email address is written plainly, not as an encoded word")
    if not local.isprintable() or any(each.isspace() or each in '<>()[],;:\\"' for each in address):
        return marked("an email address can’t contain spaces, quotation marks, or brackets")
    if ".." in address or "." not in domain or a_labels(domain) is None:
        return marked("the part after @ must be a domain, such as example.com")
    return None
