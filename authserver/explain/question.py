"""Whom an explanation is about, and what is asked: the person, the client, and the request that it would make."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from authserver.access.effective import declared_groups
from authserver.explain.because import Because, Way
from authserver.explain.entries import UNIQUE
from authserver.explain.ways import ways_to
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.parameters import parse
from authserver.protocol.request.authorization_request import BrowserRequest, check_request
from authserver.protocol.request.pkce import EXAMPLE
from authserver.protocol.token.reach import Allowed, TokenReach, reach_of_person
from authserver.store.users import User


@dataclass(frozen=True)
class Question:
    """`scope` is what the client asks for; None is all that it may. `way` leads to its entry in clients.yaml.

    `provider` vouched for the session, None for a password. `now` is in seconds since the epoch.
    """

    registry: Registry
    issuer: str
    user: User
    client: Client
    scope: str | None
    resources: tuple[str, ...]
    provider: str | None
    now: int
    way: Way | None = None
    by_mail: bool = False
    """Whether a code that is mailed to people signs them in."""

    def at(self, *keys: str | int) -> Way | None:
        """The way to a field of the client's entry."""
        return None if self.way is None else (*self.way, *keys)

    @cached_property
    def ways(self) -> dict[str, tuple[Because, ...]]:
        """The roles that count, each with how the person comes by it."""
        return ways_to(self.registry, self.user, self.provider, self.now)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that count."""
        return tuple(self.ways)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are declared."""
        return declared_groups(self.registry, self.user.groups)

    @property
    def sub(self) -> str:
        """The person, as this client knows them; a pairwise sub is sealed with a key, and something stands for it."""
        return self.user.sub if self.client.sector is None else UNIQUE

    @property
    def named(self) -> Because:
        """Why the sub is as it is."""
        if self.client.sector is None:
            return Because("names the person, and never changes")
        return Because("names the person to clients of this sector alone, and never changes", self.at("subject_type"))

    @cached_property
    def asked(self) -> str:
        """The scope of the request."""
        return " ".join(sorted(self.client.scopes)) if self.scope is None else self.scope

    @cached_property
    def request(self) -> BrowserRequest:
        """The authorization request, checked as one that a browser brings. Raises RedirectedError."""
        fields = {"response_type": "code", "code_challenge": EXAMPLE, "code_challenge_method": "S256"}
        pairs = [*fields.items(), ("scope", self.asked), *(("resource", each) for each in self.resources)]
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
        target = next(iter(self.client.redirect_uris), ""), True
        return check_request(parse(query.encode()), self.client, target, self.registry, self.issuer)

    @cached_property
    def reach(self) -> TokenReach:
        """How far the access token goes. Raises RedirectedError, ProtocolError."""
        asked = self.request
        userinfo = self.issuer if "openid" in asked.scope and not asked.resource_given else None
        allowed = Allowed(asked.scope, asked.audiences, asked.api_scopes, userinfo)
        return reach_of_person(self.registry, self.client, self.roles, allowed)

    @property
    def api(self) -> Api | None:
        """The API that the access token is for."""
        return self.registry.audiences.get(self.reach.audiences[0])
