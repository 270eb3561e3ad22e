"""The TLS certificate of a client, as a proxy that ends TLS passes it on: believed of trusted proxies alone.

RFC 8705 §6.5; RFC 9440 §4 (whoever else could send the header would be every client).
https://www.rfc-editor.org/rfc/rfc8705#section-6.5
"""

from collections import OrderedDict
from hashlib import sha256
from urllib.parse import urlsplit

from authserver.http.address import is_trusted
from authserver.http.possession.certificate_formats import CHAIN_OF_RFC_9440, CertificateHeaderError, certificates_in
from authserver.http.possession.client_certificate import CertificateFault, ClientCertificate, read
from authserver.server import Request, Server

UNREADABLE = "The client certificate that the proxy passed on cannot be read. Tell the administrator of this server."
# A client shows the same certificate again and again. By the digest of the header, so that none is kept twice.
MOST_KNOWN = 1000
_known: OrderedDict[bytes, ClientCertificate] = OrderedDict()


def certificate_of(server: Server, request: Request) -> ClientCertificate | None:
    """The certificate that a request came with; None where there is none that counts. Raises CertificateFault."""
    if why_not(server, request):
        return None
    name = str(server.settings.mtls_header)
    sent, chain = request.header(name) or "", request.header(CHAIN_OF_RFC_9440)
    key = sha256(f"{name}\n{sent}\n{chain}".encode("utf-8", "replace")).digest()
    known = _known.get(key)
    if known is not None:
        return known
    try:
        found = _known[key] = read(certificates_in(name, sent, chain))
    except (CertificateHeaderError, ValueError) as error:
        raise CertificateFault(UNREADABLE, f"the header {name}: {error}") from None
    if len(_known) > MOST_KNOWN:
        _known.popitem(last=False)
    return found


def why_not(server: Server, request: Request) -> str:
    """Why no certificate counts in this request, for the log; empty where one does."""
    settings = server.settings
    if settings.mtls_header is None:
        return "AUTHSERVER_MTLS_HEADER is not set"
    if not request.header(settings.mtls_header):
        return f"no certificate came in {settings.mtls_header}"
    peer = str(request.environ.get("REMOTE_ADDR", ""))
    if not is_trusted(peer, settings.trusted_proxies):
        return f"{settings.mtls_header} came from {peer}, which is not in AUTHSERVER_TRUSTED_PROXIES"
    if settings.mtls_url is not None:
        # A host that forgets to overwrite the header must not let anybody be every client.
        wanted = urlsplit(settings.mtls_url).netloc.lower()
        host = (request.header("Host") or "").lower().removesuffix(":443")
        if host != wanted.removesuffix(":443"):
            return f"{settings.mtls_header} came to another host than that of AUTHSERVER_MTLS_URL"
    return ""
