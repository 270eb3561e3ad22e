"""Build the registry from a sound document and its secrets."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from types import MappingProxyType

from authserver.access.included import included_roles
from authserver.clients.entries.certificate_rules import registered_subject
from authserver.clients.entries.claims import claim_places
from authserver.clients.entries.client import ClientEntry
from authserver.clients.entries.client_rules import DEFAULT_AUTH_METHOD, GRANT_TYPES, GrantType, can_authenticate
from authserver.clients.entries.document import ClientsDocument
from authserver.clients.entries.fapi2 import binds_by_certificate, follows_fapi2
from authserver.clients.entries.level import ways_of
from authserver.clients.entries.own_claim import own_claim
from authserver.clients.entries.role import may_give_of, permissions_of, require_of, roles_of
from authserver.clients.entries.workload import workload_issuer, workloads
from authserver.clients.file.logos import ClientLogos
from authserver.clients.providers.build import providers
from authserver.clients.providers.files import ProviderFiles
from authserver.clients.secrets import Secrets
from authserver.protocol.acr import levels_of
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client, SigningAlg
from authserver.protocol.client.logo import Logo
from authserver.protocol.client.registry import Registry, build_registry
from authserver.protocol.client.secret import Secret
from authserver.protocol.client.sector import sector_of
from authserver.protocol.management import management_api
from authserver.protocol.origin import origin_of
from authserver.protocol.person.known_claims import known_claims
from authserver.protocol.request.scope import DEFAULT
from authserver.protocol.upstream.workload import JWT_BEARER

# Thousands of clients have the same few sets, and no limits: each of these is there once.
_NO_LIMITS: Mapping[str, frozenset[str]] = MappingProxyType({})


def build(
    version: str,
    document: ClientsDocument,
    secrets: Secrets,
    upstream: ProviderFiles,
    logos: ClientLogos,
    issuer: str,
    only: Collection[int] | None = None,
) -> Registry:
    """The registry that a document declares, with the secrets and files that it names, and the API of this issuer.

    Where `only` some clients are made, by their places in the list, the registry has these alone, but every origin.
    """
    own = management_api(issuer)
    clients = [
        as_client(
            entry,
            secrets.of(("clients", index), len(entry.secrets)),
            is_fapi=follows_fapi2(document, entry),
            logo=logos.by_index.get(index),
        )
        for index, entry in enumerate(document.clients)
        if only is None or index in only
    ]
    return build_registry(
        version,
        clients={client.client_id: client for client in clients},
        apis=_apis(document, secrets) | {own.name: own},
        roles={name: permissions_of(role) for name, role in document.roles.items()},
        default_role=document.default_role,
        origins=frozenset(origin for entry in document.clients for origin in _origins(entry)),
        providers=providers(document, upstream),
        included=included_roles({name: roles_of(role) for name, role in document.roles.items()}),
        groups={name: tuple(roles) for name, roles in document.groups.items()},
        is_fapi=document.profile == "fapi2",
        workload_issuers=[workload_issuer(name, entry) for name, entry in document.workload_issuers.items()],
        known=known_claims({name: own_claim(name, entry) for name, entry in document.claims.items()}),
        levels=levels_of({name: ways_of(entry) for name, entry in document.acr.items()}),
        required={name: level for name, role in document.roles.items() if (level := require_of(role))},
        may_give={name: frozenset(may_give_of(role)) for name, role in document.roles.items()},
        second_factor=document.second_factor.rule if document.second_factor else None,
    )


def _apis(document: ClientsDocument, secrets: Secrets) -> dict[str, Api]:
    return {
        name: Api(
            name=name,
            audience=entry.audience,
            permissions=dict(entry.permissions),
            access_token_lifetime=entry.access_token_lifetime,
            roles_claim=entry.roles_claim,
            permissions_claim=entry.permissions_claim,
            secrets=secrets.of(("apis", name), len(entry.secrets)),
            introspects=tuple(entry.introspects),
            signing_alg=entry.signing_alg,
            exchanges={
                other: {permission: frozenset(needs) for permission, needs in permissions.items()}
                for other, permissions in entry.exchanges.items()
            },
            roles_are_names=entry.roles_are_names,
            require_acr=entry.require_acr,
        )
        for name, entry in document.apis.items()
    }


def as_client(
    entry: ClientEntry, secrets: tuple[Secret, ...], *, is_fapi: bool = False, logo: Logo | None = None
) -> Client:
    """The client that a sound entry makes, with its secrets."""
    grant_types = _shared(tuple(entry.grant_types or _grant_types(entry)))
    signing_alg: SigningAlg = "ES256" if is_fapi and "signing_alg" not in entry.model_fields_set else entry.signing_alg
    binds_by_tls = binds_by_certificate(entry, is_fapi=is_fapi)
    return Client(
        client_id=entry.client_id,
        name=entry.name,
        type=entry.type,
        token_endpoint_auth_method=entry.token_endpoint_auth_method or DEFAULT_AUTH_METHOD[entry.type],
        secrets=secrets,
        redirect_uris=tuple(entry.redirect_uris),
        post_logout_redirect_uris=tuple(entry.post_logout_redirect_uris),
        client_uri=entry.client_uri,
        policy_uri=entry.policy_uri,
        tos_uri=entry.tos_uri,
        logo=logo,
        backchannel_logout_uri=entry.backchannel_logout_uri,
        backchannel_logout_session_required=entry.backchannel_logout_session_required,
        initiate_login_uri=entry.initiate_login_uri,
        sector_identifier_uri=entry.sector_identifier_uri,
        sector=sector(entry),
        grant_types=grant_types,
        scopes=_scopes(entry, grant_types),
        apis=tuple(entry.apis),
        api_limits=_limits(entry),
        gets_unasked=entry.unasked == "all",
        consent=entry.consent,
        pkce_required=entry.pkce == "required",
        must_push=entry.require_pushed_authorization_requests or is_fapi,
        must_sign=entry.require_signed_request_object,
        allowed_roles=frozenset(entry.allow.roles) if entry.allow else None,
        require_acr=entry.require_acr,
        roles=tuple(entry.roles),
        access_token_lifetime=entry.access_token_lifetime,
        signing_alg=signing_alg,
        id_token_signed_response_alg=entry.id_token_signed_response_alg or signing_alg,
        userinfo_signed_response_alg=entry.userinfo_signed_response_alg,
        roles_claim=entry.roles_claim,
        permissions_claim=entry.permissions_claim,
        claims=claim_places(entry.claims),
        provider=entry.provider,
        jwks=entry.jwks,
        jwks_uri=entry.jwks_uri,
        on_private_network=entry.http_on_private_network,
        token_endpoint_auth_signing_alg=entry.token_endpoint_auth_signing_alg,
        request_object_signing_alg=entry.request_object_signing_alg,
        workloads=workloads(entry.workloads),
        dpop_bound_access_tokens=entry.dpop_bound_access_tokens or (is_fapi and not binds_by_tls),
        certificate_bound_access_tokens=binds_by_tls,
        certificate_subject=registered_subject(entry),
        is_fapi=is_fapi,
    )


def sector(entry: ClientEntry) -> str | None:
    """The sector of a client with pairwise subs; None of any other."""
    if entry.subject_type != "pairwise":
        return None
    return sector_of(entry.redirect_uris, entry.sector_identifier_uri)


@lru_cache(256)
def _shared(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


def _limits(entry: ClientEntry) -> Mapping[str, frozenset[str]]:
    if not isinstance(entry.apis, dict):
        return _NO_LIMITS
    return {name: frozenset(few) for name, few in entry.apis.items()}


def _grant_types(entry: ClientEntry) -> tuple[GrantType, ...]:
    usual = GRANT_TYPES[entry.type]
    if not entry.workloads:
        return usual
    return (*usual, JWT_BEARER) if can_authenticate(entry.secrets, entry.token_endpoint_auth_method) else (JWT_BEARER,)


def _scopes(entry: ClientEntry, grant_types: frozenset[str]) -> frozenset[str]:
    if entry.scopes is not None:
        return _shared(tuple(entry.scopes))
    if entry.type == "service":
        return frozenset()
    return _shared(tuple(each for each in DEFAULT if each != "offline_access" or "refresh_token" in grant_types))


def _origins(entry: ClientEntry) -> list[str]:
    if entry.origins is not None:
        return entry.origins
    if entry.type != "spa":
        return []
    return [origin for uri in entry.redirect_uris if (origin := origin_of(uri)) is not None]
