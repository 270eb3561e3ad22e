"""The clients of a running server, each made when it is first asked for: of thousands, few are at any one time.

Until then its sound entry stands for it, with its secrets, as bytes: quick to hand to another process, small, and
nothing that the garbage collector looks at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import orjson

from authserver.clients.build import as_client, build, sector
from authserver.clients.entries.claims import claim_places
from authserver.clients.entries.client import ClientEntry
from authserver.clients.entries.document import ClientsDocument
from authserver.clients.entries.fapi2 import follows_fapi2
from authserver.clients.file.logos import ClientLogos
from authserver.clients.providers.files import ProviderFiles
from authserver.clients.secrets import Secrets
from authserver.protocol.client.client import Client
from authserver.protocol.client.index import Traits, index_of
from authserver.protocol.client.logo import Logo
from authserver.protocol.client.registry import Registry
from authserver.protocol.client.secret import Secret

T = TypeVar("T")


class ClientsAtFirstUse(Mapping[str, Client]):
    """Sound clients by `client_id`. Two threads that ask for one at once get the same."""

    __slots__ = ("_entries", "_logos", "_made")

    def __init__(self, entries: Mapping[str, bytes], logos: Mapping[str, Logo]) -> None:
        """Each of the `entries` is what stands for a client."""
        self._entries = dict(entries)
        self._logos = dict(logos)
        self._made: dict[str, Client] = {}

    def __getitem__(self, client_id: str) -> Client:
        made = self._made.get(client_id)
        if made is None:
            made = self._made.setdefault(client_id, self._client(client_id))
        return made

    # Without what Mapping would do: make a client, or raise and catch KeyError.
    def get(self, client_id: str, default: Client | T | None = None) -> Client | T | None:  # type: ignore[override]
        return self[client_id] if client_id in self._entries else default

    def __contains__(self, client_id: object) -> bool:
        return client_id in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __reduce__(self) -> tuple[Any, ...]:
        return ClientsAtFirstUse, (self._entries, self._logos)

    def after(self, known: "ClientsAtFirstUse") -> "ClientsAtFirstUse":
        """These clients; those that are the same among the `known` are the same objects, which workers share."""
        found = ClientsAtFirstUse({}, self._logos)
        for client_id, entry in self._entries.items():
            before = known._entries.get(client_id)
            found._entries[client_id] = before if before is not None and before == entry else entry
        for client_id, client in list(known._made.items()):
            same = found._entries.get(client_id) is known._entries[client_id]
            if same and found._logos.get(client_id) == client.logo:
                found._made[client_id] = client
        return found

    def _client(self, client_id: str) -> Client:
        data, secrets, is_fapi = orjson.loads(self._entries[client_id])
        return as_client(
            ClientEntry.model_validate(data),
            tuple(Secret(bytes.fromhex(digest), expires_at) for digest, expires_at in secrets),
            is_fapi=is_fapi,
            logo=self._logos.get(client_id),
        )


def build_at_first_use(
    version: str,
    document: ClientsDocument,
    data: Sequence[object],
    secrets: Secrets,
    upstream: ProviderFiles,
    logos: ClientLogos,
    issuer: str,
) -> Registry:
    """The registry that `build` gives, whose clients are made of the `data` that their entries were read of."""
    fapi = [follows_fapi2(document, entry) for entry in document.clients]
    registry = build(version, document, secrets, upstream, logos, issuer, set(_telling(document, fapi)))
    entries = {
        entry.client_id: _kept(data[index], secrets.of(("clients", index), len(entry.secrets)), fapi[index])
        for index, entry in enumerate(document.clients)
    }
    of_clients = {document.clients[index].client_id: logo for index, logo in logos.by_index.items()}
    index = index_of(map(_traits, document.clients))
    return replace(registry, clients=ClientsAtFirstUse(entries, of_clients), index=index)


def _kept(data: object, secrets: tuple[Secret, ...], is_fapi: bool) -> bytes:
    return orjson.dumps([data, [[secret.digest.hex(), secret.expires_at] for secret in secrets], is_fapi])


def _traits(entry: ClientEntry) -> Traits:
    allow, claims = entry.allow, entry.claims
    return (
        entry.client_id,
        entry.type == "service",
        entry.apis,
        allow.roles if allow else None,
        claims is not None and claim_places(claims).read_roles,
        sector(entry),
    )


def _telling(document: ClientsDocument, fapi: Sequence[bool]) -> Iterator[int]:
    """The places of those clients that a registry tells of in other ways, too: by an algorithm, or their workloads."""
    seen = set()
    for index, entry in enumerate(document.clients):
        algs = entry.signing_alg, entry.id_token_signed_response_alg, entry.userinfo_signed_response_alg
        kind = algs, fapi[index] and "signing_alg" in entry.model_fields_set, fapi[index]
        if entry.workloads or kind not in seen:
            seen.add(kind)
            yield index
