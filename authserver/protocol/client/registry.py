"""Everything that an administrator registers: APIs, roles, clients, and providers, at one version."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from authserver.protocol.acr import NO_LEVELS, Levels
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client, SigningAlg
from authserver.protocol.client.index import NO_CLIENTS, ClientIndex, index_of, traits
from authserver.protocol.factors.required import RequiredFactor
from authserver.protocol.person.known_claims import STANDARD, KnownClaims
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.workload import Workload, WorkloadIssuer

EVERY_PERMISSION = "admin:all"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
# How the `client_id` of one that registered itself begins: none of clients.yaml does.
REGISTERED = "dcr."
_ALWAYS: frozenset[SigningAlg] = frozenset({"RS256"})


def _none_registered(_registry: "Registry", _client_id: str) -> Client | None:
    return None


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything clients.yaml declares, at one version; replaced whole, never changed.

    `included[role]` are all that a role brings along, itself too, and `roles[role]` what they give together;
    `groups` are bundles of roles. `may_give[role]` are the roles and groups that it alone lets others be given.
    `permissions[api][role]` is what a role gives of an API, worked out once. `origins` are the browser origins that
    may read the token, userinfo and revocation endpoints (CORS). `resource_servers` are the APIs with secrets, as
    the clients that ask the introspection endpoint. `providers` are upstream, by name. `known` are the claims about
    people. `is_fapi`: every client follows FAPI 2.0. `workload_issuers` are by what stands in their tokens, and
    `workloads[name]` are those of one of them, each with the client that it may act as. `second_factor` says of whom
    one is required, and from when on.
    `levels` are those of authentication, and `role_acr[role]` all that a role requires before it counts, or one that it
    brings along. `signing_algs` are what tokens are signed with, `id_token_algs` the ID tokens among them, as
    clients.yaml has it, and RS256. `index` answers what is asked of all clients at once.
    """

    version: str
    clients: Mapping[str, Client]
    apis: Mapping[str, Api]
    audiences: Mapping[str, Api]
    roles: Mapping[str, frozenset[str]]
    default_role: str | None
    permissions: Mapping[str, Mapping[str, frozenset[str]]]
    origins: frozenset[str]
    resource_servers: Mapping[str, Client]
    providers: Mapping[str, Provider]
    included: Mapping[str, frozenset[str]]
    groups: Mapping[str, tuple[str, ...]]
    may_give: Mapping[str, frozenset[str]]
    known: KnownClaims = STANDARD
    is_fapi: bool = False
    workload_issuers: Mapping[str, WorkloadIssuer] = field(default_factory=dict)
    workloads: Mapping[str, tuple[tuple[Workload, Client], ...]] = field(default_factory=dict)
    second_factor: RequiredFactor | None = None
    levels: Levels = NO_LEVELS
    role_acr: Mapping[str, frozenset[str]] = field(default_factory=dict)
    signing_algs: frozenset[SigningAlg] = _ALWAYS
    id_token_algs: frozenset[SigningAlg] = _ALWAYS
    index: ClientIndex = NO_CLIENTS
    # Where clients that registered themselves are found, as a running server sets it.
    registered: Callable[["Registry", str], Client | None] = field(default=_none_registered, compare=False, repr=False)

    def client(self, client_id: str | None) -> Client | None:
        """The client with this id, of clients.yaml or registered. Every look for one client goes this way."""
        if client_id is None:
            return None
        return self.clients.get(client_id) or (
            self.registered(self, client_id) if client_id.startswith(REGISTERED) else None
        )

    def authenticating(self, client_id: str | None) -> Client | None:
        """Who may authenticate under this id: a client, or an API that has secrets, which is none anywhere else."""
        return self.client(client_id) or (self.resource_servers.get(client_id) if client_id is not None else None)

    def is_resource_server(self, client: Client) -> bool:
        """Whether it is an API that authenticated, and no client."""
        return client.client_id in self.resource_servers

    @property
    def default_roles(self) -> tuple[str, ...]:
        """What a new person is given, where nothing is said: the default role, if there is one."""
        return (self.default_role,) if self.default_role else ()


class RegistrySource(Protocol):
    """Where the current registry comes from; `current` is replaced whole when clients.yaml changes."""

    @property
    def current(self) -> Registry: ...


def build_registry(
    version: str,
    clients: Mapping[str, Client],
    apis: Mapping[str, Api],
    roles: Mapping[str, frozenset[str]],
    default_role: str | None,
    origins: frozenset[str],
    *,
    providers: Mapping[str, Provider] = MappingProxyType({}),
    included: Mapping[str, frozenset[str]] | None = None,
    groups: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    may_give: Mapping[str, frozenset[str]] = MappingProxyType({}),
    known: KnownClaims = STANDARD,
    is_fapi: bool = False,
    workload_issuers: Collection[WorkloadIssuer] = (),
    second_factor: RequiredFactor | None = None,
    levels: Levels = NO_LEVELS,
    required: Mapping[str, str] = MappingProxyType({}),
) -> Registry:
    """Put a registry together and work out what each role gives of each API. `admin:all` gives every permission.

    `roles` are the permissions that each one names itself; without `included` no role brings others along. `required`
    are the levels that single roles name.
    """
    included = included if included is not None else {role: frozenset((role,)) for role in roles}
    roles = {role: frozenset().union(*(roles[each] for each in brought)) for role, brought in included.items()}
    permissions = {
        api.name: {
            role: frozenset(api.permissions) if EVERY_PERMISSION in given else given & api.permissions.keys()
            for role, given in roles.items()
        }
        for api in apis.values()
    }
    id_token_algs = _ALWAYS.union(client.id_token_signed_response_alg for client in clients.values())
    return Registry(
        version=version,
        clients=MappingProxyType(dict(clients)),
        apis=MappingProxyType(dict(apis)),
        audiences=MappingProxyType({api.audience: api for api in apis.values()}),
        roles=MappingProxyType(dict(roles)),
        default_role=default_role,
        permissions=MappingProxyType(permissions),
        origins=origins,
        resource_servers=MappingProxyType({api.name: _as_client(api) for api in apis.values() if api.secrets}),
        providers=MappingProxyType(dict(providers)),
        included=MappingProxyType(dict(included)),
        groups=MappingProxyType(dict(groups)),
        may_give=MappingProxyType(dict(may_give)),
        known=known,
        is_fapi=is_fapi,
        workload_issuers=MappingProxyType({each.issuer: each for each in workload_issuers}),
        second_factor=second_factor,
        workloads=MappingProxyType({each.name: _acting(each, clients) for each in workload_issuers}),
        levels=levels,
        role_acr=MappingProxyType(_role_acr(included, required)),
        signing_algs=id_token_algs | _other_algs(clients.values(), apis.values()),
        id_token_algs=id_token_algs,
        index=index_of(map(traits, clients.values())),
    )


def _acting(issuer: WorkloadIssuer, clients: Mapping[str, Client]) -> tuple[tuple[Workload, Client], ...]:
    return tuple(
        (each, client) for client in clients.values() for each in client.workloads if each.issuer == issuer.name
    )


def _other_algs(clients: Iterable[Client], apis: Iterable[Api]) -> frozenset[SigningAlg]:
    named = {api.signing_alg for api in apis}
    for client in clients:
        named |= {client.signing_alg, client.userinfo_signed_response_alg}
    return frozenset(alg for alg in named if alg is not None)


def _role_acr(included: Mapping[str, frozenset[str]], required: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found = {role: frozenset(required.get(each, "") for each in brought) - {""} for role, brought in included.items()}
    return {role: levels for role, levels in found.items() if levels}


def _as_client(api: Api) -> Client:
    return Client(
        client_id=api.name,
        name=api.name,
        type="service",
        token_endpoint_auth_method=None,
        secrets=api.secrets,
        apis=(api.name, *api.introspects),
        grant_types=frozenset({TOKEN_EXCHANGE}) if api.exchanges else frozenset(),
        api_limits={name: frozenset(permissions) for name, permissions in api.exchanges.items()},
    )
