"""What is known of a provider: its metadata and its keys, each fetched when needed and kept for a while.

OpenID Connect Discovery §4; Core §10.1.1 (keys rotate). https://openid.net/specs/openid-connect-discovery-1_0.html
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from authserver.federation import github
from authserver.http.aside import aside
from authserver.outbound.addresses import is_acceptable, is_loopback
from authserver.outbound.cached import CachedDocument
from authserver.outbound.fault import CallError
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.foreign_keys import ASYMMETRIC

if TYPE_CHECKING:
    from authserver.federation.client import UpstreamClient

METADATA_AGE, KEYS_AGE = 3600, 600
# Requests that speak with one provider at a time, and those that wait for one of them to end: each holds a thread, of
# which a worker has some hundreds, and a provider that hangs must leave them to others.
MOST_AT_ONCE, MOST_WAITING = 16, 32
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = ("userinfo_endpoint", "end_session_endpoint")


class UpstreamProvider:
    """One provider, for all threads of this process."""

    def __init__(self, provider: Provider, timeout: float) -> None:
        self.provider = provider
        self._timeout = timeout
        self._admitted = threading.BoundedSemaphore(MOST_AT_ONCE + MOST_WAITING)
        self._turns = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._metadata = CachedDocument(self._fetch_metadata, METADATA_AGE)
        self._keys = CachedDocument(self._fetch_keys, KEYS_AGE)

    @contextmanager
    def called(self) -> Iterator[None]:
        """Everything that waits for this provider belongs into such a block, which must hold no transaction.

        Meanwhile the request is out of the way of all others. Raises UpstreamError where a call comes to nothing, or
        too many wait already.
        """
        if not self._admitted.acquire(blocking=False):
            raise UpstreamError("unavailable", "too many requests are waiting for it")
        try:
            with aside():
                if not self._turns.acquire(timeout=self._timeout):
                    raise UpstreamError("unavailable", "too many requests to it are running")
                try:
                    yield
                except CallError as error:
                    raise UpstreamError("unavailable" if error.is_away else "failed", error.detail) from None
                finally:
                    self._turns.release()
        finally:
            self._admitted.release()

    def client(self, **kwargs: Any) -> "UpstreamClient":
        """A conversation, to be closed."""
        # An HTTP client is a tenth of the start and of the memory, for those who have no provider.
        from authserver.federation.client import UpstreamClient

        return UpstreamClient(self.provider, self._timeout, **kwargs)

    def metadata(self) -> Mapping[str, Any]:
        """The provider's metadata. Raises CallError."""
        return github.metadata(self.provider) if self.provider.kind == "github" else self._metadata.get()

    def algorithms(self) -> frozenset[str]:
        """What the provider signs with. Raises CallError."""
        listed = self.metadata().get("id_token_signing_alg_values_supported")
        named = {each for each in listed if isinstance(each, str)} if isinstance(listed, list) else set()
        # Discovery §3: every provider must support RS256.
        return (ASYMMETRIC & named) or frozenset({"RS256"})

    def key_sets(self) -> Iterator[Mapping[str, Any]]:
        """The JWKS; and, for who does not find a key in it, the JWKS anew. Raises CallError."""
        seen = self._keys.get()
        yield seen
        yield self._keys.anew(seen)

    def _fetch_metadata(self) -> dict[str, Any]:
        issuer = self.provider.issuer
        with self.client() as client:
            found: dict[str, Any] = client.document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        # Discovery §4.3: the issuer must be the one that was asked.
        if found.get("issuer") != issuer:
            raise CallError("the metadata names another issuer")
        is_local = is_loopback(issuer)
        for name in NEEDED:
            if not is_acceptable(found.get(name), is_local):
                raise CallError(f"metadata: {name} is missing or unusable")
        for name in OPTIONAL:
            if not is_acceptable(found.get(name), is_local):
                found.pop(name, None)
        return found

    def _fetch_keys(self) -> dict[str, Any]:
        uri = self.metadata()["jwks_uri"]
        with self.client() as client:
            found: dict[str, Any] = client.document(uri)
        if not isinstance(found.get("keys"), list):
            raise CallError("the JWKS has no keys")
        return found


class Upstreams:
    """The providers that this process has spoken to."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._known: dict[str, UpstreamProvider] = {}

    def of(self, provider: Provider) -> UpstreamProvider:
        """What is known of a provider; anew where its entry has changed."""
        known = self._known.get(provider.name)
        if known is None or known.provider != provider:
            known = self._known[provider.name] = UpstreamProvider(provider, self._timeout)
        return known
