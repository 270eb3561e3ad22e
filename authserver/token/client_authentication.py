"""Client authentication: one method a request, the client looked up once, failures slowed down.

RFC 6749 §2.3, §2.3.1; RFC 7523 §2.2; RFC 8705 §2; OpenID Connect Core §9.
https://www.rfc-editor.org/rfc/rfc6749#section-2.3
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from threading import Lock

from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.http.possession.client_certificate import CertificateFault
from authserver.http.refusal import as_logged
from authserver.protocol.client.assertion import AssertionFault
from authserver.protocol.client.authentication import METHODS, REFUSED, Presented, invalid_client
from authserver.protocol.client.client import CERTIFICATE_METHODS, AuthMethod, Client
from authserver.protocol.client.secret import matches_secret
from authserver.protocol.digest import digest
from authserver.protocol.errors import ProtocolError
from authserver.server import Request, Server
from authserver.token import client_assertion
from authserver.token.client_certificate import CertificateAuthentication

MOST_THROTTLED = 10_000


class ClientAuthentication:
    """The methods of Authlib's registry, for every grant and endpoint, and the answer where none of them holds.

    Authlib tries each method that an endpoint takes; the one that a request presents is the only one that answers.
    Whether the client may use it there is `Client.check_endpoint_auth_method`, which Authlib asks.

    Wrong secrets are counted for a client at an address (shared in Redis where there is one); past the limit they are
    refused with 429 until the window ends. A right secret is never refused for anybody's failures, since one client can
    be a hundred thousand people and one address many clients, and never counted, whatever else is wrong with the
    request. Only after a fault is anything looked up; who is throttled is kept here, learned anew by each process.
    Neither a signature nor a certificate can be guessed: nothing is counted for it.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._certificates = CertificateAuthentication(server)
        self._limit = server.settings.client_auth_limit
        self._throttled: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = Lock()

    def register(self) -> None:
        """Put the methods into the registry."""
        for method in METHODS:
            self._server.register_client_auth_method(method, partial(self._by, method))
        self._server.refuse_client = self.refuse

    def _by(self, method: AuthMethod, _query_client: Callable[[str], Client], request: Request) -> Client | None:
        presented = request.presented
        if presented.method != ("none" if method in CERTIFICATE_METHODS else method):
            return None
        client = self._server.registry.authenticating(presented.client_id)
        if method == "private_key_jwt":
            return self._asserting(client, request) if client is not None and client.may_use(method) else None
        if method in CERTIFICATE_METHODS:
            return (
                self._certified(client, presented, request) if client is not None and client.may_use(method) else None
            )
        is_right = self._is_right(client, presented)
        return client if client is not None and (client.is_public or is_right) else None

    def _asserting(self, client: Client, request: Request) -> Client:
        presented = request.presented
        try:
            client_assertion.check(self._server, client, presented.assertion, request.url)
        except AssertionFault as fault:
            reason = f"the assertion {fault.detail}" if fault.is_signed else fault.detail
            # Whoever signs with the client's key may hear what is wrong.
            said = f"The client assertion {fault.detail}." if fault.is_signed else REFUSED
            raise self._refusal(presented, reason, said) from None
        return client

    def _certified(self, client: Client, presented: Presented, request: Request) -> Client:
        try:
            self._certificates.check(client, request)
        except CertificateFault as fault:
            if fault.said == REFUSED:
                self._count_failure(request.address, presented.client_id)
            raise self._refusal(presented, fault.detail, fault.said) from None
        return client

    def refuse(self, request: Request) -> ProtocolError:
        """The refusal of a request that no method authenticated: `invalid_client` (401), or the same with 429."""
        presented = request.presented
        client = self._server.registry.authenticating(presented.client_id)
        is_right = self._is_right(client, presented)
        brings_none = presented.method != "none" or (client is not None and client.is_public)
        said = None if brings_none else self._certificates.said(request)
        if not is_right and not presented.assertion and said is None:
            self._count_failure(request.address, presented.client_id)
        return self._refusal(presented, self._reason(client, presented, is_right=is_right), said or REFUSED)

    def _refusal(self, presented: Presented, reason: str, said: str) -> ProtocolError:
        claimed = as_logged(self._server, presented.client_id)
        emit("client:authentication:failed", client_id=claimed, reason=reason, method=presented.method)
        return invalid_client(reason, by_header=presented.method == "client_secret_basic", description=said)

    def _is_right(self, client: Client | None, presented: Presented) -> bool:
        # Compared whatever else is wrong, so that time tells nothing.
        secrets = client.secrets if client is not None else ()
        return matches_secret(secrets, digest(presented.secret), self._server.now())

    def _reason(self, client: Client | None, presented: Presented, *, is_right: bool) -> str:
        if client is None:
            known = self._server.registered.shown(self._server.registry, presented.client_id)
            return "unknown client_id" if known is None else "disabled by an administrator"
        if client.may_use(presented.method) and not (client.is_public or is_right):
            return "wrong or expired secret"
        return f"presented {presented.method}, registered {client.token_endpoint_auth_method or 'a secret'}"

    def _count_failure(self, address: str, client_id: str) -> None:
        # By its digest: an id that nobody has registered may be as long as a body.
        place = (limit_key(address), digest(client_id).hex())
        wait = int(self._throttled.get(place, 0.0) - time.time()) + 1
        if wait > 0:
            raise _throttled(wait)
        # Redis away: secrets are 256 random bits, so a limit that fails open gives nothing away.
        wait = limits.hit(self._server.limiter, self._limit, "client-authentication", *place)
        if not wait:
            return
        with self._lock:
            self._throttled[place] = time.time() + wait
            self._throttled.move_to_end(place)
            if len(self._throttled) > MOST_THROTTLED:
                self._throttled.popitem(last=False)
        emit("client:authentication:throttled", client_id=as_logged(self._server, client_id))
        raise _throttled(wait)


def _throttled(wait: int) -> ProtocolError:
    return ProtocolError(
        "invalid_client",
        "Too many wrong secrets for this client from this address. The right one is always accepted.",
        status=429,
        headers=(("Retry-After", str(wait)),),
    )
