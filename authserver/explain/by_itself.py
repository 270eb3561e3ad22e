"""What a client would get for itself by the client credentials grant, or why the token endpoint would refuse it.

RFC 6749 §4.4. https://www.rfc-editor.org/rfc/rfc6749#section-4.4
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import quote

from authserver.access.effective import all_roles
from authserver.explain.because import Because, Way
from authserver.explain.entries import header, of_api
from authserver.explain.explanation import Explanation
from authserver.explain.service_token import service_claims
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import SECRET_METHODS, Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ProtocolError
from authserver.protocol.parameters import Parameters, parse
from authserver.protocol.request.resource import registered_audiences
from authserver.protocol.token.api_scopes import open_permissions, words_for_apis
from authserver.protocol.token.granted_claims import granted_permissions
from authserver.protocol.token.reach import TokenReach, audiences_of_service, reach_of_service


@dataclass(frozen=True)
class ServiceQuestion:
    """A client that asks for a token for itself: `scope` and `resources` are what it sends, if it does.

    `way` leads to its entry in clients.yaml. `now` is in seconds since the epoch.
    """

    registry: Registry
    issuer: str
    client: Client
    scope: str | None
    resources: tuple[str, ...]
    now: int
    way: Way | None = None

    def at(self, *keys: str | int) -> Way | None:
        """The way to a field of the client's entry."""
        return None if self.way is None else (*self.way, *keys)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The client's own roles, with all that they bring along."""
        return all_roles(self.registry, self.client.roles)

    @cached_property
    def parameters(self) -> Parameters:
        """What it sends, as the token endpoint reads it."""
        pairs = [("scope", self.scope or ""), *(("resource", each) for each in self.resources)]
        body = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
        return parse(body.encode())

    @property
    def asked(self) -> str | None:
        """The scope of the request."""
        return self.parameters.get("scope")

    @property
    def words(self) -> frozenset[str]:
        """Those of the scope that mean permissions of APIs."""
        return words_for_apis((self.asked or "").split(), self.registry.known)

    @cached_property
    def reach(self) -> TokenReach:
        """How far the access token goes. Raises ProtocolError."""
        self.parameters.refuse_faults()
        asked = self.asked, self.parameters.resources
        return reach_of_service(self.registry, self.client, self.roles, self.issuer, *asked)

    @property
    def api(self) -> Api | None:
        """The API that the access token is for, even where the scope is refused. Raises ProtocolError."""
        resources = self.parameters.resources
        found = audiences_of_service(self.registry, self.client, self.issuer, self.words, resources)
        return self.registry.audiences.get(found[0])


def explain_service(question: ServiceQuestion, default_lifetime: int) -> Explanation:
    """Explain what this client would get for itself. `default_lifetime` of access tokens is in seconds."""
    why_not = tuple(_refusals(question))
    if why_not:
        return Explanation(why_not)
    return Explanation((), tuple(service_claims(question, default_lifetime)), header=header(question))


def _refusals(question: ServiceQuestion) -> Iterator[Because]:
    client = question.client
    if client.is_disabled:
        yield Because(f"{client.client_id} is disabled by an administrator")
    if "client_credentials" not in client.grant_types:
        what = f"{client.client_id} gets no tokens for itself: it may not use client_credentials"
        if client.workloads:
            what += ", but its workloads may act as it, each with a token of its own"
        yield Because(what, question.at("grant_types"))
        return
    if client.is_public:
        yield Because(f"{client.client_id} is public, and so cannot use client_credentials", question.at("type"))
    elif client.token_endpoint_auth_method in {None, *SECRET_METHODS}:
        yield from _without_secret(question)
    yield from refused_request(question)


def _without_secret(question: ServiceQuestion) -> Iterator[Because]:
    secrets = question.client.secrets
    if any(each.is_live(question.now) for each in secrets):
        return
    what = f"{question.client.client_id} cannot authenticate: "
    if secrets:
        last = datetime.fromtimestamp(max(each.expires_at or 0 for each in secrets), UTC)
        what += f"all its secrets have expired, the last on {last:%Y-%m-%d at %H:%M} UTC"
    else:
        what += "it has no secret"
    yield Because(what, question.at("secrets"))


def refused_request(question: ServiceQuestion) -> Iterator[Because]:
    """Why the request is refused, if it is, and what of it is wrong."""
    try:
        _ = question.reach
    except ProtocolError as error:
        code, what = error.error, f"the request is refused with {error.error}: {error.description}"
    else:
        return
    words = sorted(question.words)
    if code == "invalid_target":
        names = registered_audiences(question.client, question.registry, question.issuer)
        yield Because(f"{what} It may name {' or '.join(names)}", question.at("apis"))
    elif code == "invalid_scope" and not words:
        yield Because(what, question.at("unasked"))
    else:
        yield Because(what)
    if code == "invalid_scope":
        yield from filter(None, (_wrong(question, word) for word in words))


def _wrong(question: ServiceQuestion, word: str) -> Because | None:
    api, client = question.api, question.client
    if api is None:
        return Because(f"{word} is a permission of no API of the client", question.at("apis"))
    if word not in api.permissions:
        return Because(f"{word} is no permission of the API {api.name}", of_api(api, "permissions"))
    if word not in open_permissions(client, api):
        return Because(f"{word}: the client may not have it of {api.name}", question.at("apis"))
    if word not in granted_permissions(question.registry, api, question.roles):
        return Because(f"{word}: the client's roles do not give it", question.at("roles"))
    return None
