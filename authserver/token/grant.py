"""What every grant does, so that none can forget a step: authenticate the client, check its grant, answer.

RFC 6749 §3.2.1, §5.2. https://www.rfc-editor.org/rfc/rfc6749#section-3.2.1
"""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from authserver.access.effective import declared_groups, roles_at
from authserver.events import EventName, emit
from authserver.http.possession.dpop import spend
from authserver.keys import NoSigningKey
from authserver.protocol.client.authentication import METHODS
from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.claims_request import names_at, single_claims
from authserver.protocol.request.resource import registered_audiences
from authserver.protocol.token.confirmation import Confirmation
from authserver.protocol.token.reach import Allowed, TokenReach, reach_of_person
from authserver.protocol.token.userinfo import claims_in_id_token
from authserver.server import Request, Server
from authserver.store import Connection, person_claims, sessions
from authserver.store.allowed import authorizations
from authserver.store.allowed.authorizations import Authorization, InvalidGrantError
from authserver.token.binding import ProvenKey, sender_of
from authserver.token.issue import Grounds, key_for_access_token, key_for_id_token
from authserver.token.level import hold_to_level

REPLAYED: dict[str, EventName] = {
    "code": "token:code:replayed",
    "device_code": "token:device_code:replayed",
    "refresh_token": "token:refresh_token:replayed",
}


class TokenGrant(BaseGrant, TokenEndpointMixin, ABC):  # type: ignore[misc]  # Authlib is untyped
    """One `grant_type`. A grant fills in `tokens`."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = list(METHODS)
    GRANT_TYPE: str
    request: Request
    server: Server
    sender: ProvenKey | None = None

    @abstractmethod
    def tokens(self, client: Client) -> dict[str, Any]:
        """The body of the answer to an authenticated client that may use this grant."""

    def validate_token_request(self) -> None:
        client: Client = self.authenticate_token_endpoint_client()
        if self.GRANT_TYPE not in client.grant_types:
            raise ProtocolError("unauthorized_client", "The client is not registered for this grant_type.")
        self.server.pairwise.prepare(client)
        self.server.registered.note_use(client, self.server.now())
        self.sender = sender_of(self.server, self.request, client)
        self.request.client = client

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        client = self.request.client
        assert client is not None  # noqa: S101 - set by validate_token_request, which Authlib calls first
        try:
            return 200, self.tokens(client), []
        except NoSigningKey as lacking:
            # Nothing was spent.
            wait = self.server.keys.wait(lacking.alg, self.server.now())
        raise ProtocolError(
            "temporarily_unavailable",
            "The key for the signing_alg of the client or API is new and signs shortly. Try again.",
            status=503,
            headers=(("Retry-After", str(wait or 1)),),
        )

    @property
    def proven(self) -> str | None:
        """The key that this request proves, as a `Confirmation` is stored."""
        return None if self.sender is None else self.sender.confirmation.stored

    def confirmed(self, connection: Connection) -> Confirmation | None:
        """What the tokens of this request are bound to, if to anything; a proof is spent here.

        In the transaction of what the tokens are given for: so it is lost with that, or not at all. Raises DpopError.
        """
        if self.sender is None:
            return None
        if self.sender.proof is not None:
            spend(self.server, connection, self.sender.proof)
        return self.sender.confirmation

    def confirmed_alone(self) -> Confirmation | None:
        """As `confirmed`, where the tokens are given for nothing that is written down. Raises DpopError."""
        if self.sender is None or self.sender.proof is None:
            return None if self.sender is None else self.sender.confirmation
        with self.server.database.write_one(is_brief=True) as connection:
            return self.confirmed(connection)

    def grounds(
        self, connection: Connection, client: Client, authorization: Authorization, scope: str | None = None
    ) -> Grounds:
        """What the tokens of this request are issued on; `scope` asks for less than was allowed.

        In the transaction of the move that it follows: what is refused here loses nothing. Raises ProtocolError, and
        NoSigningKey.
        """
        server = self.server
        authorization = as_registered(connection, server, client, authorization)
        reach = reach_of(server, self.request, client, authorization, scope)
        access_token_key = key_for_access_token(server, client, reach)
        id_token_key = key_for_id_token(server, client) if "openid" in reach.scope else None
        confirmation = self.confirmed(connection)
        person = person_for_id_token(connection, server, client, authorization, reach.scope)
        return Grounds(authorization, reach, access_token_key, id_token_key, confirmation, person)

    def required(self, name: str) -> str:
        """A parameter that this grant cannot do without."""
        value = self.request.parameters.get(name)
        if value is None:
            raise ProtocolError("invalid_request", f"The parameter {name} is missing.")
        return value


def as_registered(
    connection: Connection, server: Server, client: Client, authorization: Authorization
) -> Authorization:
    """The authorization with the roles that count at this moment, cut to what these and clients.yaml allow.

    What was taken away since it was given, a role, a scope or an API, is gone at the next token. Raises `invalid_grant`
    where nothing is left.
    """
    if authorization.offline and "offline_access" not in client.scopes:
        # OpenID Connect Core §11: without it nothing outlives the session.
        if sessions.get(connection, authorization.sid, server.now()) is None:
            raise ProtocolError("invalid_grant", "The session has ended, and the client may no longer outlive it.")
        authorization = replace(authorization, offline=False)
    registry = server.registry
    namesake = registry.client(server.pairwise.seen(client, authorization.sub))
    if namesake is not None and namesake.acts_for_itself:
        # RFC 9068 §2.2, RFC 9700 §4.15: an API must never take a service for a person, or a person for a service.
        raise ProtocolError(
            "invalid_grant", "A client has this person's sub as its client_id. An administrator must rename it."
        )
    reached = registry.levels.reached_by(authorization.acr)
    roles = roles_at(registry, authorization.roles, authorization.groups, reached)
    if client.allowed_roles is not None and client.allowed_roles.isdisjoint(roles):
        raise ProtocolError("invalid_grant", "This person may no longer sign in to the client.")
    groups = declared_groups(registry, authorization.groups) if authorization.groups else ()
    authorization = replace(authorization, roles=roles, groups=groups)
    issuer = server.settings.issuer
    open_now = registered_audiences(client, registry, issuer)
    if "openid" in authorization.scope and "openid" in client.scopes:
        open_now = (*open_now, issuer)
    if client.scopes.issuperset(authorization.scope) and set(open_now).issuperset(authorization.audiences):
        return authorization
    audiences = tuple(audience for audience in authorization.audiences if audience in open_now)
    if not audiences:
        raise ProtocolError("invalid_grant", "The client may no longer call any API of this authorization.")
    scope = tuple(scope for scope in authorization.scope if scope in client.scopes)
    return replace(authorization, scope=scope, audiences=audiences)


def reach_of(
    server: Server, request: Request, client: Client, authorization: Authorization, scope: str | None = None
) -> TokenReach:
    """How far a token of this authorization goes; `scope` asks for less.

    Raises `invalid_target`, `invalid_scope`, and `insufficient_user_authentication`.
    """
    # OpenID Connect Core §5.3: who got a token with `openid` in its scope calls userinfo with it, unless it asked for
    # one that is for an API alone.
    issuer = None if authorization.resource_given else server.settings.issuer
    allowed = Allowed(authorization.scope, authorization.audiences, authorization.api_scopes, issuer)
    resources = request.parameters.resources
    reach = reach_of_person(server.registry, client, authorization.roles, allowed, scope, resources)
    hold_to_level(server.registry, reach.audiences[0], authorization.acr, client.require_acr)
    return reach


def person_for_id_token(
    connection: Connection, server: Server, client: Client, authorization: Authorization, scope: tuple[str, ...]
) -> dict[str, object]:
    """What the client's ID tokens say of the person at this moment; looked up only where they say anything."""
    wanted, asked, known = client.claims.person, authorization.claims, server.registry.known
    named = wanted | names_at("id_token", asked)
    if not named or "openid" not in scope:
        return {}
    person = person_claims.of(connection, authorization.sub, known.with_those_beside(named))
    given_up = set(authorization.scope).difference(scope)
    single = single_claims("id_token", asked, person, registered=client.scopes, given_up=given_up, known=known)
    return claims_in_id_token(person, scope, wanted, known) | single


def refuse(server: Server, client: Client, refused: InvalidGrantError, replay: str) -> ProtocolError:
    """`invalid_grant` for a move that was refused; a replay ends the whole authorization first (RFC 9700 §4.14.2)."""
    if refused.replayed is not None:
        with server.database.write(is_brief=True) as connection:
            authorizations.revoke(connection, refused.replayed, server.now())
        emit(REPLAYED[replay], client_id=client.client_id, authorization=refused.replayed)
    return ProtocolError("invalid_grant", refused.reason, detail=refused.detail)
