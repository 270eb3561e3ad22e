"""Endpoints for machines whose paths hold ids, all below one prefix."""

import re
from collections.abc import Mapping

from authserver.web.machine import Endpoint, Found

_NAME = re.compile(r"\{(\w+)\}")
# What an id may be: a control character, a slash or a space is in none.
_ID = r"(?P<\1>[!-.0-~]{1,200})"


class Routes:
    """Endpoints by path (`/users/{sub}`), and the one that answers for what is no path of theirs."""

    def __init__(self, prefix: str, endpoints: Mapping[str, Endpoint], unknown: Endpoint) -> None:
        self.prefix = prefix
        self.endpoints = {prefix + path: endpoint for path, endpoint in endpoints.items()}
        self._unknown = unknown
        self._patterns = [
            (re.compile(_NAME.sub(_ID, prefix + path)), prefix + path, endpoint) for path, endpoint in endpoints.items()
        ]

    def find(self, path: str) -> Found | None:
        """The endpoint of a path; None for a path that is not below the prefix."""
        if not path.startswith(self.prefix + "/") and path != self.prefix:
            return None
        for pattern, rule, endpoint in self._patterns:
            if match := pattern.fullmatch(path):
                return Found(endpoint, rule, match.groupdict())
        return Found(self._unknown, self.prefix, {})
