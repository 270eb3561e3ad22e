"""The guard: one issuer, one audience, tokens in, decisions out."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from authserver.guard.checks.bearer import is_quotable, presented_token
from authserver.guard.checks.certificate import Certificates
from authserver.guard.checks.proof import UrlPlace, check_proof, place_of
from authserver.guard.checks.replays import MemoryReplays, Replays
from authserver.guard.checks.signature import Signatures
from authserver.guard.checks.token import Token, build_token, check_claims, read_claims, read_header, split
from authserver.guard.errors import GuardError, InvalidProofError, InvalidTokenError, ReplaysUnavailableError
from authserver.guard.issuer.async_keys import AsyncKeys
from authserver.guard.issuer.fetch import Fetch, FetchError, fetch_json, is_trustworthy_url
from authserver.guard.issuer.jwks import ASYMMETRIC, Keys, usable_keys
from authserver.guard.issuer.key_cache import KeyCache
from authserver.guard.sent import SentRequest

log = logging.getLogger("authserver.guard")
# How RFC 8705 §3.1 names the thumbprint of a certificate.
CERTIFICATE = "x5t#S256"
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

    Bound tokens (DPoP) are for a URL: `url` is what callers write before the path of a request, by default the scheme
    and host of the audience. `replays` remembers the proofs that were used, by default for this process alone.

    Tokens that are bound to a TLS certificate come over a connection with it. `certificate_header` is the header in
    which a proxy of `trusted_proxies` (addresses or networks) passes it on and which it overwrites; without one, it is
    where a server that ends TLS itself puts it.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        algorithms: Iterable[str] = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519"),
        jwks_uri: str | None = None,
        leeway: float = 30,
        roles_claim: str = "roles",
        permissions_claim: str = "permissions",
        resource_metadata: str | None = None,
        url: str | None = None,
        replays: Replays | None = None,
        certificate_header: str | None = None,
        trusted_proxies: Iterable[str] = (),
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
        # So that the issuer's administrators can see which API has fetched a new key.
        told = partial(fetch_json, user_agent=f"authserver-guard ({audience})")
        self._fetch = told if fetch is fetch_json else fetch
        self._keys = KeyCache(self._fetch_keys, timer)
        self._async_keys = AsyncKeys(self._keys)
        self._known_headers: dict[bytes, tuple[str, str]] = {}
        self._place = place_of(url.rstrip("/")) if url is not None else _root_of(audience)
        self._replays = replays or MemoryReplays()
        self._certificates = Certificates(certificate_header, trusted_proxies)
        if url is not None and self._place is None:
            raise ValueError("url must be an http or https URL")
        self._check_settings()

    def now(self) -> float:
        """The time, in seconds since the epoch."""
        return self._clock()

    def verify(self, token: str) -> Token:
        """The verified bearer token. Raises InvalidTokenError, or KeysUnavailableError while there are no keys."""
        return _bearer(self._verify(token))

    async def verify_async(self, token: str) -> Token:
        """`verify` for an event loop, which never waits for the issuer: keys are fetched in a thread."""
        return _bearer(await self._verify_async(token))

    def admit(self, sent: SentRequest) -> Token:
        """The verified token of a request: a bearer token, or a bound one with its key. Raises GuardError."""
        scheme, token = presented_token(sent.authorization)
        with _in_scheme(scheme):
            if scheme != "DPoP":
                return self._over_tls(sent, self._verify(token))
            verified = self._verify(token)
            self._spend(*self._proven(sent, token, verified))
            return verified

    async def admit_async(self, sent: SentRequest) -> Token:
        """`admit` for an event loop, which never waits for the issuer or for shared `replays`."""
        scheme, token = presented_token(sent.authorization)
        with _in_scheme(scheme):
            if scheme != "DPoP":
                return self._over_tls(sent, await self._verify_async(token))
            verified = await self._verify_async(token)
            proof = self._proven(sent, token, verified)
            if isinstance(self._replays, MemoryReplays):
                self._spend(*proof)
            else:
                await asyncio.to_thread(self._spend, *proof)
            return verified

    def _over_tls(self, sent: SentRequest, verified: Token) -> Token:
        if "cnf" not in verified.claims:
            return verified
        confirmation = verified.claims["cnf"]
        if not isinstance(confirmation, dict) or confirmation.keys() != {CERTIFICATE}:
            return _bearer(verified)
        shown = self._certificates.thumbprint(sent.origin)
        if shown is None or shown != confirmation[CERTIFICATE]:
            # RFC 8705 §3
            raise InvalidTokenError("The token is bound to a TLS certificate: connect with that certificate.")
        return verified

    def _proven(self, sent: SentRequest, token: str, verified: Token) -> tuple[str, float]:
        confirmation = verified.claims.get("cnf")
        thumbprint = confirmation.get("jkt") if isinstance(confirmation, dict) and len(confirmation) == 1 else None
        if not isinstance(thumbprint, str):
            raise InvalidTokenError("The token is not bound to a key: send it as a bearer token.")
        if self._place is None:
            raise InvalidTokenError("Bound tokens are not accepted here: the guard does not know the URL of this API.")
        place = self._place._replace(path=self._place.path + sent.path)
        return check_proof(sent.dpop, sent.method, place, token, thumbprint, self._clock(), self.leeway)

    def _spend(self, proof: str, seconds: float) -> None:
        try:
            is_first = self._replays.spend(proof, seconds)
        except Exception as error:  # whatever a shared store raises, nothing is let through
            log.warning("The used DPoP proofs cannot be read: %r", error)
            raise ReplaysUnavailableError("Proofs cannot be checked right now. Try again shortly.", 5) from None
        if not is_first:
            raise InvalidProofError("The DPoP proof has been used before. Make one for each request.")

    def _verify(self, token: str) -> Token:
        unproven = self._read(token)
        snapshot = self._keys.current()
        key = snapshot.keys.get(unproven[0])
        if key is None:
            key = self._keys.after_unknown_key(snapshot).keys.get(unproven[0])
        return self._believe(unproven, key)

    async def _verify_async(self, token: str) -> Token:
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


def scheme_of(token: Token) -> str:
    """In which scheme a token is sent: one that is bound to a certificate as a bearer token (RFC 8705 §3)."""
    confirmation = token.claims.get("cnf")
    return "Bearer" if confirmation is None or (type(confirmation) is dict and CERTIFICATE in confirmation) else "DPoP"


def _bearer(token: Token) -> Token:
    # RFC 9449 §7.2, RFC 8705 §3: a bound token is no bearer token.
    if "cnf" in token.claims:
        if scheme_of(token) == "Bearer":
            raise InvalidTokenError("The token is bound to a TLS certificate, which is looked at with its request.")
        bound = InvalidTokenError("The token is bound to a key: send it in the scheme DPoP, with a proof.")
        bound.scheme = "DPoP"
        raise bound
    return token


@contextmanager
def _in_scheme(scheme: str) -> Iterator[None]:
    """Have the challenge of a refusal name the scheme in which the token came."""
    try:
        yield
    except GuardError as error:
        if scheme == "DPoP":
            error.scheme = scheme
        raise


def _root_of(audience: str) -> UrlPlace | None:
    place = place_of(audience)
    return place and place._replace(path="")
