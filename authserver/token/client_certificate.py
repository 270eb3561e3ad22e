"""`tls_client_auth` and `self_signed_tls_client_auth`: the certificate of a request is held against its client.

RFC 8705 §2. https://www.rfc-editor.org/rfc/rfc8705#section-2
"""

from authserver.http.possession.certificate import certificate_of, why_not
from authserver.http.possession.client_certificate import (
    ANOTHER,
    STRANGE,
    Cas,
    CertificateFault,
    ClientCertificate,
    check_issuer,
    check_itself,
    check_registered,
    check_subject,
)
from authserver.outbound.fault import CallError
from authserver.protocol.client.authentication import REFUSED
from authserver.protocol.client.client import Client
from authserver.server import Request, Server


class CertificateAuthentication:
    """Verifies certificates, whatever the proxy did: it may pass on those that nobody looked at."""

    def __init__(self, server: Server) -> None:
        self._server = server
        path = server.settings.mtls_client_cas
        self._cas = Cas(path.read_bytes()) if path is not None else None

    def check(self, client: Client, request: Request) -> None:
        """Accept the certificate of this client. Raises CertificateFault."""
        certificate = certificate_of(self._server, request)
        if certificate is None:
            raise CertificateFault(REFUSED, why_not(self._server, request))
        try:
            check_itself(certificate, self._server.now())
            self._check_whose(client, certificate)
        except CertificateFault as fault:
            raise CertificateFault(self._said(certificate), fault.detail) from None

    def said(self, request: Request) -> str | None:
        """What whoever sent a certificate hears of it, the same whatever client it names; None without one."""
        try:
            certificate = certificate_of(self._server, request)
        except CertificateFault as fault:
            return fault.said
        return None if certificate is None else self._said(certificate)

    def _check_whose(self, client: Client, certificate: ClientCertificate) -> None:
        if client.certificate_subject is not None:
            self._check_issuer(certificate)
            check_subject(certificate, client.certificate_subject)
            return
        try:
            check_registered(certificate, self._server.client_keys.key_sets(client))
        except CallError as error:
            raise CertificateFault(STRANGE, f"the client's jwks_uri: {error.detail}") from None

    def _check_issuer(self, certificate: ClientCertificate) -> None:
        if self._cas is None:
            raise CertificateFault(STRANGE, "AUTHSERVER_MTLS_CLIENT_CAS names no certificate authorities")
        check_issuer(certificate, self._cas, self._server.now())

    def _said(self, certificate: ClientCertificate) -> str:
        try:
            check_itself(certificate, self._server.now())
            self._check_issuer(certificate)
        except CertificateFault as fault:
            return fault.said
        return ANOTHER
