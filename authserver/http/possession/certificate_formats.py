"""The forms in which proxies pass on the TLS certificate of a client, and what intermediate certificates came with it.

RFC 9440 §2 (`Client-Cert`, `Client-Cert-Chain`); Envoy (`X-Forwarded-Client-Cert`, XFCC); nginx, Traefik, Caddy,
HAProxy and Apache (PEM, URL-encoded or on one line, or base64 of DER). https://www.rfc-editor.org/rfc/rfc9440#section-2
"""

import re
from base64 import b64decode
from urllib.parse import unquote

# Characters of a header, and certificates in it: a leaf and what leads from it to a CA.
MAX_SIZE, MOST = 16384, 5
RFC_9440, CHAIN_OF_RFC_9440, ENVOY = "client-cert", "Client-Cert-Chain", "x-forwarded-client-cert"
_BINARY = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_PAIR = re.compile(r'([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^",;]*)')


class CertificateHeaderError(Exception):
    """What a proxy sent is no certificate; the words are for its administrator."""


def certificates_in(name: str, value: str, chain: str | None = None) -> tuple[bytes, ...]:
    """The DER of each certificate in a header of this name, that of the client first; `chain` is `Client-Cert-Chain`.

    Raises CertificateHeaderError. Whether they are X.509, nobody has looked.
    """
    if len(value) + len(chain or "") > MAX_SIZE:
        raise CertificateHeaderError(f"it is longer than {MAX_SIZE} characters")
    known = name.lower()
    if known == RFC_9440:
        found = (_binary(value), *(_binary(each.strip()) for each in (chain.split(",") if chain else ())))
    elif known == ENVOY:
        found = _of_envoy(value)
    else:
        found = _of_text(value)
    if len(found) > MOST:
        raise CertificateHeaderError(f"it holds more than {MOST} certificates")
    return found


def _binary(item: str) -> bytes:
    found = _BINARY.fullmatch(item)
    if found is None:
        raise CertificateHeaderError("it is no byte sequence of RFC 9440: base64 between two colons, once")
    return _der(found[1])


def _of_envoy(value: str) -> tuple[bytes, ...]:
    pairs, at = {}, 0
    while at < len(value):
        pair = _PAIR.match(value, at)
        if pair is None:
            raise CertificateHeaderError("it is not what Envoy writes")
        pairs[pair[1].lower()] = pair[2].strip('"')
        at = pair.end()
        if value[at : at + 1] == ",":
            # Whoever stands before the proxy wrote the first of them.
            raise CertificateHeaderError("it names several clients: have Envoy write SANITIZE_SET, not append")
        at += 1
    leaf, chain = pairs.get("cert"), pairs.get("chain")
    if not leaf:
        raise CertificateHeaderError("it holds no Cert: set_current_client_cert_details needs cert: true")
    found = _of_text(leaf)
    # Envoy's chain begins with the certificate of the client.
    return found if not chain else (*found[:1], *(each for each in _of_text(chain) if each != found[0]))


def _of_text(value: str) -> tuple[bytes, ...]:
    text = unquote(value, errors="replace") if "%" in value else value
    if "-----BEGIN" not in text:
        return tuple(_der(each.strip()) for each in text.split(","))
    found = tuple(_der("".join(each.split())) for each in _PEM.findall(text))
    if not found or _PEM.sub("", text).strip(" \t\r\n,"):
        raise CertificateHeaderError("it is no certificate in PEM")
    return found


def _der(encoded: str) -> bytes:
    try:
        der = b64decode(encoded, validate=True)
    except ValueError:
        der = b""
    if not der:
        raise CertificateHeaderError("it is no base64 of a certificate")
    return der
