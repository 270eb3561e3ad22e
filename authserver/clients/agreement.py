"""What no single entry can tell: names that are taken twice, and claims that two entries give one name.

Works on the plain data, so that a fault in one place hides none in another.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from authserver.access.included import circles
from authserver.clients.entries.level import levels
from authserver.clients.file.faults import FileFault, Keys, did_you_mean, quoted
from authserver.clients.file.names import Declared
from authserver.clients.file.source import Source
from authserver.protocol.management import NAME, PERMISSIONS, management_api
from authserver.protocol.request.resource import normal


def declared(source: Source) -> Declared:
    """The names the file declares."""
    apis = _mapping(source.data, "apis")
    permissions = {name for api in apis.values() for name in _mapping(api, "permissions")}
    roles, groups, providers = (_mapping(source.data, each) for each in ("roles", "groups", "providers"))
    claims = _mapping(source.data, "claims")
    scopes = [_get(claim, "scope") for claim in claims.values()]
    return Declared(
        apis=frozenset(apis),
        permissions=frozenset(permissions),
        roles=frozenset(roles),
        groups=frozenset(groups),
        providers=frozenset(providers),
        claims=frozenset(claims),
        workload_issuers=frozenset(_mapping(source.data, "workload_issuers")),
        scopes=frozenset(scope for scope in scopes if isinstance(scope, str)),
        levels=frozenset(_mapping(source.data, "acr")),
        clients=frozenset(name for _, client in _clients(source) if isinstance(name := client.get("client_id"), str)),
    )


def disagreements(source: Source, issuer: str) -> Iterator[FileFault]:
    """Every fault between two entries."""
    apis = _mapping(source.data, "apis")
    clients = _clients(source)
    ids = [(("clients", index, "client_id"), client.get("client_id")) for index, client in clients]
    yield from _taken_twice(source, ids)
    audiences: list[tuple[Keys, object]] = [
        (("apis", name, "audience"), _get(api, "audience")) for name, api in apis.items()
    ]
    yield from _taken_twice(source, audiences, normal)
    yield from _taken_by_this_server(source, audiences, issuer)
    providers = _mapping(source.data, "providers")
    issuers = [(("providers", name, "issuer"), _get(provider, "issuer")) for name, provider in providers.items()]
    yield from _taken_twice(source, issuers)
    of_workloads = _mapping(source.data, "workload_issuers")
    found = [(("workload_issuers", name, "issuer"), _get(each, "issuer")) for name, each in of_workloads.items()]
    yield from _taken_twice(source, found)
    yield from _workloads_of_this_server(source, found, issuer)
    for keys, client_id in ids:
        if isinstance(client_id, str) and _get(apis.get(client_id), "secrets"):
            line = source.place(("apis", client_id), of_key=True)[0]
            yield source.fault(keys, f"the API on line {line} uses this name for introspection: choose another")
    yield from _scopes_of_claims_and_apis(source, apis)
    for name in apis:
        yield from _exchanges_of_no_permission(source, name, apis)
    yield from _circles_of_roles(source)
    yield from levels(source, issuer)
    for index, client in clients:
        yield from _permissions_of_no_api(source, index, client, apis)
        yield from _claims_with_one_name(source, index, client, apis)


def _taken_twice(
    source: Source, entries: Iterable[tuple[Keys, object]], normal_form: Callable[[str], str] = str
) -> Iterator[FileFault]:
    first: dict[str, Keys] = {}
    for keys, value in entries:
        if not isinstance(value, str):
            continue
        name = normal_form(value)
        if name in first:
            line = source.place(first[name])[0]
            yield source.fault(keys, f"{quoted(value)} is already on line {line}")
        first.setdefault(name, keys)


def _taken_by_this_server(source: Source, audiences: Iterable[tuple[Keys, object]], issuer: str) -> Iterator[FileFault]:
    own = {normal(issuer), normal(management_api(issuer).audience)}
    for keys, audience in audiences:
        if isinstance(audience, str) and normal(audience) in own:
            yield source.fault(keys, "this is the server's own audience: an API needs one of its own")


def _workloads_of_this_server(
    source: Source, issuers: Iterable[tuple[Keys, object]], issuer: str
) -> Iterator[FileFault]:
    for keys, value in issuers:
        if isinstance(value, str) and normal(value) == normal(issuer):
            # RFC 8725 §3.11: what it signs for one purpose is never taken for another.
            yield source.fault(keys, "is this server itself, whose own tokens are no workloads'")


def _scopes_of_claims_and_apis(source: Source, apis: Mapping[str, Any]) -> Iterator[FileFault]:
    permissions = {**dict.fromkeys(PERMISSIONS, NAME)}
    permissions |= {each: name for name, api in apis.items() for each in _mapping(api, "permissions")}
    for name, claim in _mapping(source.data, "claims").items():
        scope = _get(claim, "scope")
        if isinstance(scope, str) and scope in permissions:
            api = quoted(permissions[scope])
            yield source.fault(("claims", name, "scope"), f"is a permission of the API {api}: choose another name")


def _circles_of_roles(source: Source) -> Iterator[FileFault]:
    roles = _mapping(source.data, "roles")
    listed = {name: _get(role, "roles") for name, role in roles.items()}
    includes = {
        name: [other for other in others if isinstance(other, str) and other in roles]
        for name, others in listed.items()
        for others in ([others] if isinstance(others, list) else [[]])
    }
    for way in circles(includes):
        place = ("roles", way[0], "roles", listed[way[0]].index(way[1]))
        yield source.fault(place, f"a role cannot include itself: {' → '.join(map(quoted, way))}")


def _permissions_of_no_api(
    source: Source, index: int, client: Mapping[str, Any], apis: Mapping[str, Any]
) -> Iterator[FileFault]:
    for name, listed in _mapping(client, "apis").items():
        known = PERMISSIONS if name == NAME else _mapping(apis.get(name), "permissions")
        for place, permission in enumerate(listed if isinstance(listed, list) else []):
            # What is no text, and an API that nobody declared, are faults by themselves.
            if isinstance(permission, str) and permission not in known and (name == NAME or name in apis):
                yield source.fault(("clients", index, "apis", name, place), _no_permission(name, permission, known))


def _exchanges_of_no_permission(source: Source, name: str, apis: Mapping[str, Any]) -> Iterator[FileFault]:
    own = _mapping(apis[name], "permissions")
    for other, opened in _mapping(apis[name], "exchanges").items():
        theirs, keys = _mapping(apis.get(other), "permissions"), ("apis", name, "exchanges", other)
        for permission, needs in opened.items() if isinstance(opened, dict) and other in apis else ():
            if isinstance(permission, str) and permission not in theirs:
                yield source.fault((*keys, permission), _no_permission(other, permission, theirs))
            for place, needed in enumerate(needs if isinstance(needs, list) else []):
                if isinstance(needed, str) and needed not in own:
                    yield source.fault((*keys, permission, place), _no_permission(name, needed, own))


def _no_permission(api: str, permission: str, known: Collection[str]) -> str:
    return f"the API {quoted(api)} has no permission {quoted(permission)}{did_you_mean(permission, known)}"


def _claims_with_one_name(
    source: Source, index: int, client: Mapping[str, Any], apis: Mapping[str, Any]
) -> Iterator[FileFault]:
    names = client.get("apis")
    for name in names if isinstance(names, list | dict) else []:
        api = apis.get(name) if isinstance(name, str) else None
        roles = client.get("roles_claim") or _get(api, "roles_claim") or "roles"
        permissions = client.get("permissions_claim") or _get(api, "permissions_claim") or "permissions"
        if roles == permissions:
            keys: Keys = (
                "clients",
                index,
                "roles_claim" if client.get("roles_claim") else "permissions_claim",
            )
            yield source.fault(keys, f"roles and permissions of API {quoted(name)} would share one claim")


def _clients(source: Source) -> list[tuple[int, Mapping[str, Any]]]:
    clients = _get(source.data, "clients")
    if not isinstance(clients, list):
        return []
    return [(index, client) for index, client in enumerate(clients) if isinstance(client, dict)]


def _get(value: object, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _mapping(value: object, key: str) -> Mapping[str, Any]:
    found = _get(value, key)
    return found if isinstance(found, dict) else {}
