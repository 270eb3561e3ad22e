"""Endpoints for machines whose paths hold ids, all below one prefix."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from authserver.http.machine import Endpoint, Found

_NAME = re.compile(r"\{(\w+)\}")
# What an id may be: a control character, a slash or a space is in none.
_ID = r"(?P<\1>[!-.0-~]{1,200})"


@dataclass(frozen=True, slots=True)
class LoadedEndpoints:
    """Endpoints by path (`/users/{sub}`), and the one that answers for what is no path of theirs."""

    endpoints: Mapping[str, Endpoint]
    unknown: Endpoint


class Routes:
    """Endpoints below a prefix, loaded with the first request for one of them."""

    def __init__(self, prefix: str, load: Callable[[], LoadedEndpoints]) -> None:
        self.prefix = prefix
        self._load = load

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """Every endpoint by its whole path."""
        return {self.prefix + path: endpoint for path, endpoint in self._loaded.endpoints.items()}

    def covers(self, path: str) -> bool:
        """Whether a path is below the prefix, or the prefix."""
        return path.startswith(self.prefix + "/") or path == self.prefix

    def find(self, path: str) -> Found | None:
        """The endpoint of a path; None for a path that is not below the prefix."""
        if not self.covers(path):
            return None
        for pattern, rule, endpoint in self._patterns:
            if match := pattern.fullmatch(path):
                return Found(endpoint, rule, match.groupdict())
        return Found(self._loaded.unknown, self.prefix, {})

    @cached_property
    def _loaded(self) -> LoadedEndpoints:
        return self._load()

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str, Endpoint]]:
        return [(re.compile(_NAME.sub(_ID, rule)), rule, endpoint) for rule, endpoint in self.endpoints.items()]
