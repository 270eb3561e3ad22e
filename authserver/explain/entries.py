"""What any access token owes to the entries of its client and its API: header, audience, lifetime, key, permissions."""

from collections.abc import Iterator
from typing import Protocol

from authserver.access.permissions import powers
from authserver.explain.because import Because, ExplainedClaim, Way
from authserver.protocol import management
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.token.access_token import TYPE, signing_alg
from authserver.protocol.token.api_scopes import open_permissions
from authserver.protocol.token.confirmation import Confirmation
from authserver.protocol.token.reach import TokenReach

# What stands for a value that is of this token or this client alone.
UNIQUE = "…"


class AskedToken(Protocol):
    """The access token that is asked about; `api` is the one it is for, if it is for one."""

    @property
    def registry(self) -> Registry: ...
    @property
    def client(self) -> Client: ...
    @property
    def resources(self) -> tuple[str, ...]: ...
    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def reach(self) -> TokenReach: ...
    @property
    def api(self) -> Api | None: ...
    def at(self, *keys: str | int) -> Way | None: ...


def of_api(api: Api, *keys: str) -> Way | None:
    """The way to a field of an API's entry; the API of this server has none."""
    return None if api.name == management.NAME else ("apis", api.name, *keys)


def header(asked: AskedToken) -> tuple[ExplainedClaim, ...]:
    """The token's header, but for the key that signs at that moment (RFC 9068 §2.1)."""
    client, api = asked.client, asked.api
    if api is not None and api.signing_alg is not None:
        why = Because(f"the signing_alg of the API {api.name}", of_api(api, "signing_alg"))
    elif client.signing_alg == "RS256":
        why = Because("the default: neither the client nor its API has another signing_alg")
    else:
        why = Because("the client's, by its signing_alg or its profile", asked.at("signing_alg"))
    kind = ExplainedClaim("typ", TYPE, (Because("says that it is an access token"),))
    return ExplainedClaim("alg", signing_alg(client, api), (why,)), kind


def confirmation(client: Client) -> Confirmation | None:
    """The key that its tokens must be bound to; its thumbprint is of the request."""
    if client.certificate_bound_access_tokens:
        return Confirmation("x5t#S256", UNIQUE)
    return Confirmation("jkt", UNIQUE) if client.dpop_bound_access_tokens else None


def bound(asked: AskedToken) -> Because:
    """Why there is a `cnf`."""
    if asked.client.certificate_bound_access_tokens:
        way = asked.at("tls_client_certificate_bound_access_tokens")
        return Because("the TLS certificate of the request, to which the client's tokens are bound", way)
    return Because("the key of the DPoP proof, which the client must send", asked.at("dpop_bound_access_tokens"))


def audience(asked: AskedToken) -> Iterator[Because]:
    """Why the token is for this API."""
    api, client = asked.api, asked.client
    if api is None:
        return
    if asked.resources:
        chosen = "which resource names"
    else:
        chosen = "the first of the client's" if api.name == client.apis[0] else "which a scope means"
    yield Because(f"the API {api.name}, {chosen}", of_api(api, "audience"))


def lifetime(asked: AskedToken) -> Because:
    """Why the token ends when it does."""
    client, api = asked.client, asked.api
    if client.access_token_lifetime:
        return Because(f"{client.access_token_lifetime} seconds, by the client", asked.at("access_token_lifetime"))
    if api is not None and api.access_token_lifetime:
        return Because(f"{api.access_token_lifetime} seconds, by the API", of_api(api, "access_token_lifetime"))
    return Because("the setting AUTHSERVER_ACCESS_TOKEN_LIFETIME")


def permissions(asked: AskedToken, *, narrowed: bool) -> Iterator[Because]:
    """Where each permission comes from, and why one that the roles give is left out; `narrowed`, by the request."""
    api, client = asked.api, asked.client
    if api is None:
        return
    given: dict[str, list[str]] = {}
    for role in asked.roles:
        for name, permission in powers(asked.registry, (role,)):
            if name == api.name:
                given.setdefault(permission, []).append(role)
    if not given:
        yield Because(f"no role that counts gives any permission of {api.name}")
    for permission, roles in sorted(given.items()):
        by = ", ".join(sorted(roles))
        if permission in asked.reach.permissions:
            yield Because(f"{permission} is given by {by}", ("roles", sorted(roles)[0]))
        elif permission not in open_permissions(client, api):
            yield Because(f"{permission} is left out: the client may not have it of {api.name}", asked.at("apis"))
        elif narrowed:
            yield Because(f"{permission} is left out: the client asked for scopes of {api.name}, and not for this one")
