"""The FAPI 2.0 Security Profile: which clients follow it, and what in their entries contradicts it.

FAPI 2.0 Security Profile Final §5.3.2, §5.3.3, §5.4. https://openid.net/specs/fapi-security-profile-2_0-final.html
"""

from collections.abc import Iterator

from authserver.clients.entries.client import ClientEntry
from authserver.clients.entries.document import ClientsDocument
from authserver.clients.file.faults import FileFault, Keys
from authserver.clients.file.source import Source
from authserver.protocol.client.client import CERTIFICATE_METHODS

WEAK_ALG = "RS256"
ALGS = (
    *("token_endpoint_auth_signing_alg", "request_object_signing_alg"),
    *("signing_alg", "id_token_signed_response_alg", "userinfo_signed_response_alg"),
)
AUTHENTICATED = frozenset({"private_key_jwt", *CERTIFICATE_METHODS})
BY_TLS, BY_DPOP = "tls_client_certificate_bound_access_tokens", "dpop_bound_access_tokens"


def follows_fapi2(document: ClientsDocument, entry: ClientEntry) -> bool:
    """Whether a client follows the profile, by itself or because all do."""
    return document.profile == "fapi2" or entry.profile == "fapi2"


def binds_by_certificate(entry: ClientEntry, *, is_fapi: bool) -> bool:
    """Whether a client's tokens are bound to its TLS certificate: as it says, or as the profile has it (§5.3.2.1)."""
    if not is_fapi or BY_TLS in entry.model_fields_set or entry.dpop_bound_access_tokens:
        return entry.tls_client_certificate_bound_access_tokens
    return entry.token_endpoint_auth_method in CERTIFICATE_METHODS


def contradictions(document: ClientsDocument, source: Source) -> Iterator[FileFault]:
    """Everything in a sound document that the profile of a client forbids."""
    for index, entry in enumerate(document.clients):
        if follows_fapi2(document, entry):
            for keys, what in _of(document, entry):
                yield source.fault(("clients", index, *keys), what)


def _of(document: ClientsDocument, entry: ClientEntry) -> Iterator[tuple[Keys, str]]:
    if entry.type in {"spa", "native"}:
        yield ("type",), "fapi2 is for clients that authenticate: make it a web client whose server keeps a key"
        return
    if entry.token_endpoint_auth_method not in AUTHENTICATED:
        keys = ("token_endpoint_auth_method",)
        yield (
            keys,
            "fapi2 needs private_key_jwt, with the client's jwks or jwks_uri, or a method with a TLS certificate",
        )
    if entry.workloads:
        yield ("workloads",), "fapi2 is for clients that authenticate by a key of their own: remove these"
    yield from _weak(document, entry)
    said = entry.model_fields_set
    if "require_pushed_authorization_requests" in said and not entry.require_pushed_authorization_requests:
        yield ("require_pushed_authorization_requests",), "fapi2 switches this on: leave this out"
    if BY_DPOP in said and not entry.dpop_bound_access_tokens and not binds_by_certificate(entry, is_fapi=True):
        yield (BY_DPOP,), "fapi2 switches this on: leave this out"
    is_by_tls = entry.token_endpoint_auth_method in CERTIFICATE_METHODS
    if is_by_tls and BY_TLS in said and not binds_by_certificate(entry, is_fapi=True) and BY_DPOP not in said:
        yield (BY_TLS,), f"fapi2 needs bound tokens: leave this out, or write {BY_DPOP}: true to bind them by DPoP"
    if entry.pkce == "optional":
        yield ("pkce",), "fapi2 needs PKCE: leave this out"
    if entry.http_on_private_network:
        yield ("http_on_private_network",), "fapi2 needs https everywhere: leave this out"
    for place, uri in enumerate(entry.redirect_uris):
        if not uri.startswith("https://"):
            yield ("redirect_uris", place), "fapi2 needs https"


def _weak(document: ClientsDocument, entry: ClientEntry) -> Iterator[tuple[Keys, str]]:
    for name in ALGS:
        if name in entry.model_fields_set and getattr(entry, name) == WEAK_ALG:
            yield (name,), f"fapi2 does without {WEAK_ALG}: write PS256, ES256, or EdDSA, or leave this out"
    for name in entry.apis:
        # §5.4.1 is for every JWT that is made.
        if document.apis[name].signing_alg == WEAK_ALG:
            yield ("apis",), f"fapi2 does without {WEAK_ALG}, and {name} wants its access tokens signed with it"
