"""What stands in a label: registered names alone, and one word for everything else."""

from collections.abc import Collection
from itertools import chain, islice
from typing import Self

from authserver.monitoring.counts import OTHER
from authserver.pages.app import App
from authserver.protocol.client.registry import Registry, RegistrySource

# So many clients are told apart, the first of clients.yaml: series are paid for by whoever keeps them.
MOST_CLIENTS = 1000
UNKNOWN = "unknown"


class Clients:
    """The label of a client, by the clients.yaml of this moment."""

    def __init__(self, source: RegistrySource) -> None:
        self._source = source
        self._seen: tuple[Registry | None, frozenset[str]] = None, frozenset()

    def __call__(self, client_id: str | None) -> str:
        """Its `client_id` where it is one; else empty, `unknown`, or `other` for those past the first thousand."""
        if client_id is None:
            return ""
        registry = self._source.current
        seen, names = self._seen
        if registry is not seen:
            names = frozenset(islice(chain(registry.clients, registry.resource_servers), MOST_CLIENTS))
            self._seen = registry, names
        if client_id in names:
            return client_id
        return UNKNOWN if registry.authenticating(client_id) is None else OTHER


class Endpoints:
    """The label of a request's endpoint: the path as it is registered."""

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = frozenset(paths)

    @classmethod
    def of(cls, app: App) -> Self:
        """Those of an application that have no ids in their paths."""
        fixed = [rule.rule for rule in app.url_map.iter_rules() if not rule.arguments]
        return cls({*app.machine, *app.at_once, *(app.server.settings.path + rule for rule in fixed)})

    def __call__(self, rule: str | None, path: str) -> str:
        """`rule` is what answered; what never came so far has a path of ours, or none."""
        return rule or (path if path in self._paths else OTHER)
