"""Tokens bound to a TLS certificate: whoever sends one holds the key of that certificate, as whoever ended TLS says.

RFC 8705 §3: https://www.rfc-editor.org/rfc/rfc8705#section-3
RFC 9440 §2 (the header `Client-Cert`): https://www.rfc-editor.org/rfc/rfc9440#section-2
"""

import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import unquote

# Of the header: a certificate and what leads from it to a CA.
_MAX = 16384
_PEM = re.compile(r"\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_PAIR = re.compile(r'([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^",;]*)(;|$)')


class Certificates:
    """Where the certificate of a request stands: in a header of a trusted proxy, or where the server that ends TLS
    puts it (`SSL_CLIENT_CERT` of WSGI, the TLS extension of ASGI).

    `header` is the name of the header, and `trusted_proxies` are the addresses or networks that it is believed from.
    Raises ValueError where one stands without the other.
    """

    def __init__(self, header: str | None = None, trusted_proxies: Iterable[str] = ()) -> None:
        self._proxies: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(each) for each in trusted_proxies)
        if (header is None) == bool(self._proxies):
            raise ValueError("certificate_header and trusted_proxies belong together: anyone could send the header")
        self._header = header and header.lower()
        self._variable = header and "HTTP_" + header.upper().replace("-", "_")

    def thumbprint(self, origin: Mapping[str, Any]) -> str | None:
        """`x5t#S256` of the certificate in a WSGI environ or an ASGI scope; None without one that counts."""
        sent = self._from_header(origin) if self._header else _from_server(origin)
        leaf = _leaf(self._header or "", sent) if sent and len(sent) <= _MAX else None
        return None if leaf is None else urlsafe_b64encode(sha256(leaf).digest()).rstrip(b"=").decode("ascii")

    def _from_header(self, origin: Mapping[str, Any]) -> str | None:
        if "headers" in origin:
            peer = (origin.get("client") or ("",))[0]
            name = str(self._header).encode()
            found = [value.decode("latin-1") for each, value in origin["headers"] if each.lower() == name]
            sent = found[0] if len(found) == 1 else None
        else:
            peer, sent = origin.get("REMOTE_ADDR", ""), origin.get(str(self._variable))
        return sent if self._is_trusted(peer) else None

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        # A v4 proxy on a v6 socket is the same proxy.
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._proxies)


def _from_server(origin: Mapping[str, Any]) -> str | None:
    if "headers" not in origin:
        return origin.get("SSL_CLIENT_CERT")
    tls = (origin.get("extensions") or {}).get("tls") or {}
    chain = tls.get("client_cert_chain") or ()
    return next(iter(chain), None)


def _leaf(name: str, sent: str) -> bytes | None:
    """The DER of the client's certificate: RFC 9440 and Envoy by their names, and otherwise PEM or base64."""
    if name == "client-cert":
        return _der(sent[1:-1]) if len(sent) > 2 and sent[0] == sent[-1] == ":" else None
    if name == "x-forwarded-client-cert":
        found = _of_envoy(sent)
        return None if found is None else _leaf("", found)
    text = unquote(sent) if "%" in sent else sent
    pem = _PEM.match(text)
    return _der("".join(pem[1].split())) if pem else _der(text.partition(",")[0].strip())


def _of_envoy(sent: str) -> str | None:
    found, at = None, 0
    while at < len(sent):
        pair = _PAIR.match(sent, at)
        # With a comma it names several clients, and whoever stands before the proxy wrote the first.
        if pair is None:
            return None
        if pair[1].lower() == "cert":
            found = pair[2].strip('"')
        at = pair.end()
    return found


def _der(encoded: str) -> bytes | None:
    try:
        return b64decode(encoded, validate=True) or None
    except ValueError:
        return None
