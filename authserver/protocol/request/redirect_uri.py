"""Redirect URIs: what may be registered, and when a requested one is a registered one.

RFC 9700 §2.1 and §4.1, RFC 8252 §7 and §8.3; https://www.rfc-editor.org/rfc/rfc9700
"""

import ipaddress
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from authserver.protocol.private_network import is_private_host

if TYPE_CHECKING:
    # Settings need the rules of origins, and no clients.
    from authserver.protocol.client.client import ClientType

MAX_LENGTH = 2048
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "[::1]", "localhost"})
# A registered query must not be able to pass for the server's answer.
RESPONSE_PARAMETERS = frozenset({"code", "state", "iss", "error", "error_description", "error_uri", "session_state"})
SCRIPT_SCHEMES = frozenset({"javascript", "data", "file", "vbscript", "blob", "about", "view-source", "filesystem"})

# What nearly every registered URI looks like. It holds to each rule below: so many are looked at in one clients.yaml.
_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_USUAL = re.compile(rf"https://(?:{_LABEL}\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?(?:/[A-Za-z0-9_-]+)*/?")
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(//([^/?]*))?([^?]*)(?:\?(.*))?")
_URI_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Control characters, `.`, `/` and `\` have no reason to be escaped but to slip past a comparison.
_HIDING_ESCAPE = re.compile(r"%(?:[01][0-9A-F]|7F|2E|2F|5C)", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]*)(?::([1-9][0-9]{0,4}))?")
# The host is compared, too: localhost may be resolved to, or listened on, by something else than 127.0.0.1.
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]|localhost))(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)")


def registration_fault(uri: str, client_type: "ClientType", *, private_http: bool = False) -> str | None:
    """What keeps a URI from being registered as redirect URI of such a client, in words; None if nothing does.

    With `private_http` plain http may lead to a private network as well.
    """
    if client_type != "service" and len(uri) <= MAX_LENGTH and _USUAL.fullmatch(uri):
        return None
    fault = _character_fault(uri)
    if fault:
        return fault
    parts = _URI.fullmatch(uri)
    if parts is None:
        return "must be an absolute URI such as https://host/path"
    scheme, slashes, authority, path, query = parts.groups()
    if scheme != scheme.lower():
        return "write the scheme in lowercase"
    return (
        _scheme_fault(scheme, slashes is not None, client_type)
        or _authority_fault(scheme, authority or "", client_type, private_http)
        or _path_fault(scheme, slashes is not None, path)
        or _query_fault(query or "")
    )


def is_development(uri: str) -> bool:
    """Whether a registered URI is plain http on this machine, which only this machine itself can be sure of."""
    return uri.startswith("http://") and _host(uri) in LOOPBACK_HOSTS


def is_private_http(uri: str) -> bool:
    """Whether a registered URI is plain http to another machine: everybody on the way there can read the code."""
    return uri.startswith("http://") and _host(uri) not in LOOPBACK_HOSTS


def is_localhost(uri: str) -> bool:
    """Whether a registered URI is plain http by the name localhost (RFC 8252 §8.3)."""
    return uri.startswith("http://") and _host(uri) == "localhost"


def matches(registered: Sequence[str], requested: str, client_type: "ClientType") -> bool:
    """Whether a requested URI is one of the registered ones, byte for byte.

    One relaxation, RFC 8252 §7.3: a native client's http URI on 127.0.0.1, [::1] or localhost may name any port.
    """
    if requested in registered:
        return True
    if client_type != "native":
        return False
    wanted = _without_port(requested)
    return wanted is not None and any(_without_port(uri) == wanted for uri in registered)


def _host(uri: str) -> str:
    parts = _AUTHORITY.fullmatch(uri.removeprefix("http://").partition("/")[0].partition("?")[0])
    return parts[1] if parts else ""


def _without_port(uri: str) -> tuple[str, str] | None:
    parts = _LOOPBACK.fullmatch(uri)
    if parts is None or int(parts[2] or 80) > 65535:
        return None
    return parts[1], parts[3]


def _character_fault(uri: str) -> str | None:
    if not uri or len(uri) > MAX_LENGTH:
        return f"must have 1 to {MAX_LENGTH} characters"
    for character, fault in (
        ("\\", "must not contain a backslash"),
        ("#", "must not contain a fragment (#)"),
        ("*", "must not contain a wildcard: write out every redirect URI"),
    ):
        if character in uri:
            return fault
    if not _URI_CHARACTERS.fullmatch(uri):
        return "must contain only the ASCII characters of a URI; escape others with % (a host name as xn--…)"
    if _BROKEN_ESCAPE.search(uri):
        return "contains a % without two hexadecimal digits"
    if _HIDING_ESCAPE.search(uri):
        return "must not escape control characters, dots, slashes, or backslashes"
    return None


def _scheme_fault(scheme: str, has_authority: bool, client_type: "ClientType") -> str | None:
    if client_type == "service":
        return "a service client is never redirected to: leave redirect_uris out"
    if scheme in SCRIPT_SCHEMES:
        return "this scheme would run or read something in the browser: use https"
    if scheme in {"https", "http"}:
        return None if has_authority else f"must continue with {scheme}://host"
    if client_type != "native":
        return "must begin with https://"
    # RFC 8252 §7.1: a private-use scheme is a domain name in reverse, so that it has an owner.
    return None if "." in scheme else "a private-use scheme needs a dot, such as com.example.app:/callback"


def _authority_fault(scheme: str, authority: str, client_type: "ClientType", private_http: bool) -> str | None:
    if "@" in authority:
        return "must not contain a username or password"
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or int(parts[2] or 1) > 65535:
        return "the host or the port is malformed"
    host = parts[1]
    may_be_empty = scheme not in {"https", "http"}
    if not (_is_host(host) if host else may_be_empty):
        return "the host must be a lower-case name or an address in its usual spelling"
    return _http_fault(host, client_type, private_http) if scheme == "http" else None


def _http_fault(host: str, client_type: "ClientType", private_http: bool) -> str | None:
    # RFC 9700 §2.6: no answer over plain http but to this machine, unless the administrator says so.
    if host in LOOPBACK_HOSTS:
        return None
    if client_type == "native":
        return "http is for http://127.0.0.1, http://[::1] and http://localhost only; any port is then accepted"
    if not is_private_host(host):
        return "must begin with https:// (http only for localhost, in development)"
    if not private_http:
        return "must begin with https://, or write http_on_private_network: true (for a web client)"
    return None


def _is_host(host: str) -> bool:
    try:
        if host.startswith("["):
            return f"[{ipaddress.IPv6Address(host[1:-1])}]" == host
        # Browsers read a host whose last label is a number as an IPv4 address, in many spellings.
        if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", host.rpartition(".")[2]):
            return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False
    return _HOST.fullmatch(host) is not None


def _path_fault(scheme: str, has_authority: bool, path: str) -> str | None:
    if any(segment in {".", ".."} for segment in path.split("/")):
        return "must not contain the path segments . and .."
    if not has_authority and not path.startswith("/"):
        return f"must continue with a path: {scheme}:/callback"
    return None


def _query_fault(query: str) -> str | None:
    names = {unquote(name) for name, _ in parse_qsl(query, keep_blank_values=True, separator="&")}
    taken = sorted(names & RESPONSE_PARAMETERS)
    return f"its query must not contain {taken[0]}: that is a parameter of the answer" if taken else None
