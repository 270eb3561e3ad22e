"""The guard: one issuer, one audience, tokens in, decisions out."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from authserver.guard.checks.bearer import is_quotable
from authserver.guard.checks.signature import Signatures
from authserver.guard.checks.token import Token, build_token, check_claims, read_claims, read_header, split
from authserver.guard.errors import InvalidTokenError
from authserver.guard.issuer.async_keys import AsyncKeys
from authserver.guard.issuer.fetch import Fetch, FetchError, fetch_json, is_trustworthy_url
from authserver.guard.issuer.jwks import ASYMMETRIC, Keys, usable_keys
from authserver.guard.issuer.key_cache import KeyCache

DISCOVERY_PATH = "/.well-known/openid-configuration"
MAX_KNOWN_HEADERS = 64

Unproven = tuple[tuple[str, str], bytes, bytes, bytes, dict[str, Any]]
"""Header (`kid`, `alg`), its segment, what was signed, signature and claims: good if the signature is."""


class Guard:
    """Verifies JWT access tokens (RFC 9068 §4) of `issuer` for `audience`; safe to share between threads.

    `algorithms` are the asymmetric ones accepted. `jwks_uri` is read from the issuer's metadata if not given.
    `leeway` is the clock skew borne, in seconds. `roles_claim` and `permissions_claim` are the names that the
    issuer gives those claims. `clock` tells the time in seconds since the epoch, `timer` measures the age of
    the keys, `fetch` reads a JSON document. `resource_metadata` is the address of the resource server's metadata, which
    each challenge then names (RFC 9728 §5.1); `publish` of the guards for WSGI and ASGI serves them and sets it.
    `scopes` are all that any requirement looks for. Raises ValueError where a setting cannot be meant.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        algorithms: Iterable[str] = ("RS256", "ES256"),
        jwks_uri: str | None = None,
        leeway: float = 30,
        roles_claim: str = "roles",
        permissions_claim: str = "permissions",
        resource_metadata: str | None = None,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        fetch: Fetch = fetch_json,
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self._algorithms = frozenset(algorithms)
        self._jwks_uri = jwks_uri
        self.leeway = leeway
        self.resource_metadata = resource_metadata
        self.scopes: set[str] = set()
        self._roles_claim = roles_claim
        self._permissions_claim = permissions_claim
        self._clock = clock
        self._fetch = fetch
        self._keys = KeyCache(self._fetch_keys, timer)
        self._async_keys = AsyncKeys(self._keys)
        self._known_headers: dict[bytes, tuple[str, str]] = {}
        self._check_settings()

    def now(self) -> float:
        """The time, in seconds since the epoch."""
        return self._clock()

    def verify(self, token: str) -> Token:
        """The verified token. Raises InvalidTokenError, or KeysUnavailableError while there are no keys."""
        unproven = self._read(token)
        snapshot = self._keys.current()
        key = snapshot.keys.get(unproven[0])
        if key is None:
            key = self._keys.after_unknown_key(snapshot).keys.get(unproven[0])
        return self._believe(unproven, key)

    async def verify_async(self, token: str) -> Token:
        """`verify` for an event loop, which never waits for the issuer: keys are fetched in a thread."""
        unproven = self._read(token)
        snapshot = await self._async_keys.current()
        key = snapshot.keys.get(unproven[0])
        if key is None:
            key = (await self._async_keys.after_unknown_key(snapshot)).keys.get(unproven[0])
        return self._believe(unproven, key)

    def _read(self, token: str) -> Unproven:
        message, segment, payload, signature = split(token)
        # What costs nothing is looked at first, so that rubbish never makes us ask the issuer for keys.
        header = self._known_headers.get(segment) or read_header(segment, self._algorithms)
        claims = read_claims(payload)
        check_claims(claims, self.issuer, self.audience, self.now(), self.leeway)
        return header, segment, message, signature, claims

    def _believe(self, unproven: Unproven, key: Signatures | None) -> Token:
        header, segment, message, signature, claims = unproven
        if key is None:
            raise InvalidTokenError("The token is signed with a key that the issuer does not publish.")
        if not key.is_good(message, signature):
            raise InvalidTokenError("The token's signature is wrong.")
        # Only headers under a good signature are remembered: a stranger cannot fill this.
        if len(self._known_headers) < MAX_KNOWN_HEADERS:
            self._known_headers[segment] = header
        return build_token(claims, self._roles_claim, self._permissions_claim)

    def _fetch_keys(self) -> tuple[Keys, int | None]:
        document = self._fetch(self._jwks_uri or self._discovered_jwks_uri())
        keys = usable_keys(document.body, self._algorithms)
        if not keys:
            raise FetchError("the JWKS has no usable key")
        return keys, document.max_age

    def _discovered_jwks_uri(self) -> str:
        metadata = self._fetch(self.issuer + DISCOVERY_PATH).body
        # RFC 8414 §3.3: compared as it stands; another issuer's metadata must not name the keys.
        if metadata.get("issuer") != self.issuer:
            raise FetchError("the metadata names another issuer")
        uri = metadata.get("jwks_uri")
        if not isinstance(uri, str) or not is_trustworthy_url(uri):
            raise FetchError("the metadata names no https jwks_uri")
        return uri

    def _check_settings(self) -> None:
        for name, url in (("issuer", self.issuer), ("jwks_uri", self._jwks_uri)):
            if url is not None and not is_trustworthy_url(url):
                raise ValueError(f"{name} must be https (http on localhost, 127.0.0.1 and [::1] only)")
        if self.issuer.endswith("/"):
            raise ValueError("issuer must be written as the server writes it, without a trailing slash")
        if not self.audience or not is_quotable(self.audience):
            raise ValueError("audience must be printable ASCII without quotes or backslashes")
        if self.resource_metadata is not None and not is_trustworthy_url(self.resource_metadata):
            raise ValueError("resource_metadata must be https (http on localhost, 127.0.0.1 and [::1] only)")
        if unfit := self._algorithms - ASYMMETRIC:
            raise ValueError(f"algorithms must be asymmetric signatures; not {', '.join(sorted(unfit))}")
        if not self._algorithms:
            raise ValueError("algorithms must name at least one")
