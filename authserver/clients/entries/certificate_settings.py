"""Clients with TLS certificates on a server whose settings take none: told when clients.yaml is checked."""

from collections.abc import Collection, Iterator

from authserver.clients.entries.document import ClientsDocument
from authserver.clients.file.faults import FileFault
from authserver.clients.file.source import Source
from authserver.protocol.client.client import CERTIFICATE_METHODS
from authserver.protocol.client.registry import Registry

HEADER, CAS = "mtls_header", "mtls_client_cas"


def unusable(
    document: ClientsDocument, registry: Registry, source: Source, unset: Collection[str]
) -> Iterator[FileFault]:
    """A warning for each client whose certificates nobody reads, or nobody can verify; `unset` are settings."""
    for index, entry in enumerate(document.clients):
        client = registry.clients[entry.client_id]
        method = client.token_endpoint_auth_method
        by_certificate = method in CERTIFICATE_METHODS
        if HEADER in unset and (by_certificate or client.certificate_bound_access_tokens):
            name = "token_endpoint_auth_method" if by_certificate else "tls_client_certificate_bound_access_tokens"
            yield source.fault(
                ("clients", index, name),
                "this client cannot get any token: AUTHSERVER_MTLS_HEADER is not set, so no certificate is read",
            )
        elif CAS in unset and method == "tls_client_auth":
            yield source.fault(
                ("clients", index, "token_endpoint_auth_method"),
                "this client cannot authenticate: AUTHSERVER_MTLS_CLIENT_CAS names no CA for its certificates",
            )
