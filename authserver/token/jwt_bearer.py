"""The JWT bearer grant: a workload acts as a client, by a token that its platform signed for it.

RFC 7521 §4.1 (client authentication is not needed); RFC 7523 §2.1, §3.1.
https://www.rfc-editor.org/rfc/rfc7523#section-2.1
"""

from typing import Any, NoReturn

from authserver.access.effective import all_roles
from authserver.events import emit
from authserver.outbound.fault import CallError
from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.reach import reach_of_service
from authserver.protocol.upstream import workload
from authserver.protocol.upstream.foreign_jwt import ForeignJwtError, unverified_claims
from authserver.protocol.upstream.workload import JWT_BEARER, WorkloadIssuer, WorkloadToken
from authserver.store import Connection, once
from authserver.token.grant import TokenGrant
from authserver.token.issue import issue_for_workload, key_for_access_token

REFUSED = "The assertion is not one that is accepted from its issuer: check its iss, aud, exp and signature."
NOBODY = (
    "The assertion is sound, but no client lets its subject act as it, or not the one that client_id names. The log of "
    "this server has the subject and the one registered that is most like it."
)


class JwtBearerGrant(TokenGrant):
    GRANT_TYPE = JWT_BEARER
    issuer: WorkloadIssuer
    token: WorkloadToken

    def authenticate_token_endpoint_client(self) -> Client:
        """The client that the assertion lets its holder act as; who authenticates besides must be that one."""
        parameters = self.request.parameters
        proves = any(parameters.get(name) for name in ("client_secret", "client_assertion", "client_assertion_type"))
        named = parameters.get("client_id")
        if proves or self.request.header("Authorization") is not None:
            named = super().authenticate_token_endpoint_client().client_id
        client = self._acting(self.required("assertion"), named)
        self.request.client_id = client.client_id
        return client

    def tokens(self, client: Client) -> dict[str, Any]:
        server, parameters = self.server, self.request.parameters
        registry = server.registry
        roles = all_roles(registry, client.roles)
        scope, resources = parameters.get("scope"), parameters.resources
        reach = reach_of_service(registry, client, roles, server.settings.issuer, scope, resources)
        key = key_for_access_token(server, client, reach)
        if self.issuer.single_use:
            with server.database.write(is_brief=True) as connection:
                self._spend(connection)
                confirmation = self.confirmed(connection)
        else:
            confirmation = self.confirmed_alone()
        actor = {"iss": self.issuer.issuer, "sub": self.token.subject}
        return issue_for_workload(server, client, roles, reach, key, confirmation, actor)

    def _spend(self, connection: Connection) -> None:
        # An issuer has no space: no id of another kind of token is this one.
        of = f"workload {self.issuer.issuer}"
        if not once.spend(connection, of, self.token.once, self.token.forget_at):
            self._refuse("was used before", "The assertion was used before. Get a new one for each request.")

    def _acting(self, assertion: str, client_id: str | None) -> Client:
        server = self.server
        self.issuer = self._issuer(assertion)
        try:
            self.token = workload.read(
                assertion,
                self.issuer,
                server.client_keys.key_sets_of_issuer(self.issuer),
                audience=self.issuer.audience or server.settings.issuer,
                now=server.now(),
            )
        except ForeignJwtError as error:
            self._refuse(str(error), REFUSED)
        except CallError as error:
            raise ProtocolError(
                "temporarily_unavailable",
                "The keys of the assertion's issuer cannot be fetched right now. Try again.",
                detail=f"{self.issuer.name}: {error.detail}",
                status=503,
                headers=(("Retry-After", "5"),),
            ) from None
        listed = server.registry.workloads[self.issuer.name]
        found = {client.client_id: client for each, client in listed if each.admits(self.token)}
        if client_id is not None:
            found = {each: client for each, client in found.items() if each == client_id}
        if len(found) > 1:
            raise ProtocolError(
                "invalid_request",
                "Several clients let this subject act as them: say which one with client_id.",
                detail=f"{self.token.subject!r}: {', '.join(sorted(found))}",
            )
        if not found:
            self._refuse_subject(client_id)
        return next(iter(found.values()))

    def _issuer(self, assertion: str) -> WorkloadIssuer:
        try:
            named = unverified_claims(assertion).get("iss")
        except ForeignJwtError as error:
            raise ProtocolError("invalid_grant", REFUSED, detail=str(error)) from None
        issuer = self.server.registry.workload_issuers.get(named) if isinstance(named, str) else None
        if issuer is None:
            raise ProtocolError(
                "invalid_grant",
                "The iss of the assertion is none of the workload_issuers that an administrator has declared.",
                detail=f"iss {named!r}"[:300],
            )
        return issuer

    def _refuse_subject(self, client_id: str | None) -> NoReturn:
        subject, listed = self.token.subject, self.server.registry.workloads[self.issuer.name]
        asked = [each for each, client in listed if client_id in (None, client.client_id)]
        near = workload.nearest(asked or [each for each, _ in listed], subject)
        wrong = near.other_claims(self.token.claims) if near is not None and near.has_subject(subject) else []
        reason = f"another {', '.join(wrong)}" if wrong else "no client lets this subject act as it"
        self._refuse(reason, NOBODY, subject=subject, nearest=near.subject if near is not None else None)

    def _refuse(self, reason: str, said: str, *, subject: str | None = None, nearest: str | None = None) -> NoReturn:
        issuer = self.issuer.name
        emit("token:assertion:refused", reason=reason, issuer=issuer, subject=subject, nearest=nearest)
        detail = f"{issuer}: {reason}"
        if subject is not None:
            detail += f"; its sub is {subject!r}, and the nearest registered one {nearest!r}"
        raise ProtocolError("invalid_grant", said, detail=detail)
