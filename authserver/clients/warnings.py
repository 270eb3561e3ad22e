"""What is allowed in clients.yaml but deserves a second look."""

from collections.abc import Iterator

from authserver.access.escalation import ways_to_everything
from authserver.clients.entries.client import ClientEntry
from authserver.clients.entries.document import ClientsDocument
from authserver.clients.entries.role import may_give_of
from authserver.clients.file.faults import FileFault, Keys, quoted
from authserver.clients.file.source import Source
from authserver.clients.secrets import Secrets
from authserver.clients.wide import too_wide
from authserver.protocol.client.registry import EVERY_PERMISSION, Registry
from authserver.protocol.request.redirect_uri import is_development, is_localhost, is_private_http

URIS = ("redirect_uris", "post_logout_redirect_uris")
SINGLE_URIS = ("backchannel_logout_uri", "initiate_login_uri")


def warnings(
    document: ClientsDocument, registry: Registry, secrets: Secrets, source: Source, now: int
) -> Iterator[FileFault]:
    """Every warning about a sound document and the registry made of it; `now` in seconds since the epoch."""
    yield from secrets.warnings
    for keys, secret in secrets.by_keys.items():
        if secret.expires_at is not None and secret.expires_at <= now:
            yield source.fault((*keys, "expires"), "this secret has expired")
    if document.default_role and EVERY_PERMISSION in registry.roles[document.default_role]:
        yield source.fault(("default_role",), f"every new person gets {EVERY_PERMISSION}")
    for role, *way in ways_to_everything(registry):
        place = may_give_of(document.roles[role]).index(way[0])
        by_way_of = f" by way of {' → '.join(map(quoted, way))}" if len(way) > 1 else ""
        yield source.fault(
            ("roles", role, "may_give", place), f"anyone with this role can give {EVERY_PERMISSION}{by_way_of}"
        )
    for index, client in enumerate(document.clients):
        yield from _of_client(client, ("clients", index), source)
        yield from too_wide(document, client, ("clients", index), source)
    yield from _of_development(document, source)


def _of_development(document: ClientsDocument, source: Source) -> Iterator[FileFault]:
    """Once for the whole file: where one address is of this machine, as a rule all of them are."""
    found = [
        ("clients", index, name, place)
        for index, client in enumerate(document.clients)
        for name in URIS
        for place, uri in enumerate(getattr(client, name))
        if client.type != "native" and is_development(uri) and not is_private_http(uri)
    ]
    if found:
        more = f", like {len(found) - 1} more in this file" if len(found) > 1 else ""
        yield source.fault(found[0], f"http on this machine is for development only{more}")


def _of_client(client: ClientEntry, keys: Keys, source: Source) -> Iterator[FileFault]:
    if client.pkce == "optional":
        yield source.fault(
            (*keys, "pkce"), "codes of this client can be injected; prefer pkce: required (RFC 9700 §2.1.1)"
        )
    if client.consent == "never" and client.type in {"spa", "native"}:
        # RFC 6749 §10.2: nothing proves which program stands behind a public client.
        yield source.fault((*keys, "consent"), "any program can pass itself off as this client without people noticing")
    for name in URIS:
        for index, uri in enumerate(getattr(client, name)):
            what = _of_uri(uri, client)
            if what is not None:
                yield source.fault((*keys, name, index), what)
    for name in SINGLE_URIS:
        what = _of_uri(getattr(client, name) or "", client)
        if what is not None:
            yield source.fault((*keys, name), what)


def _of_uri(uri: str, client: ClientEntry) -> str | None:
    if is_private_http(uri):
        return "anyone who can listen on this network can read the application's codes and sessions; prefer https"
    if client.type == "native" and is_localhost(uri):
        # RFC 8252 §8.3
        return (
            "prefer http://127.0.0.1: with localhost, the application may listen on the wrong network interface, or "
            "the name may resolve to another address (RFC 8252 §8.3); it never matches 127.0.0.1"
        )
    return None
