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
    """Endpoints by path (`/users/{sub}`), and the one that answers for what is no path of theirs: others, if none."""

    endpoints: Mapping[str, Endpoint]
    unknown: Endpoint | None = None


class Routes:
    """Endpoints below a prefix, loaded with the first request for one of them.

    Unless they are `among_others`, everything below the prefix is theirs to answer.
    """

    def __init__(self, prefix: str, load: Callable[[], LoadedEndpoints], *, among_others: bool = False) -> None:
        self.prefix = prefix
        self._load = load
        self._among_others = among_others

    @property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """Every endpoint by its whole path."""
        return {self.prefix + path: endpoint for path, endpoint in self._loaded.endpoints.items()}

    def covers(self, path: str) -> bool:
        """Whether one of them answers at this path."""
        return self._is_below(path) and (not self._among_others or self.find(path) is not None)

    def find(self, path: str) -> Found | None:
        """The endpoint of a path; None for a path that is not theirs to answer."""
        if not self._is_below(path):
            return None
        for pattern, rule, endpoint in self._patterns:
            if match := pattern.fullmatch(path):
                return Found(endpoint, rule, match.groupdict())
        unknown = self._loaded.unknown
        return None if unknown is None else Found(unknown, self.prefix, {})

    def _is_below(self, path: str) -> bool:
        return path.startswith(self.prefix + "/") or path == self.prefix

    @cached_property
    def _loaded(self) -> LoadedEndpoints:
        return self._load()

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str, Endpoint]]:
        return [(re.compile(_NAME.sub(_ID, rule)), rule, endpoint) for rule, endpoint in self.endpoints.items()]
