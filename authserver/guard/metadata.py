"""What a resource server says of itself: where clients that know nothing but its address learn how to get a token.

RFC 9728 §2, §3.1. https://www.rfc-editor.org/rfc/rfc9728
"""

import json
from urllib.parse import urlsplit

from authserver.guard.refusal import Refusal
from authserver.guard.verifier import Guard

WELL_KNOWN = "/.well-known/oauth-protected-resource"


class Publication:
    """The document of a guard's resource server, which from now on each challenge names.

    Its address is the audience's, with the well-known path before its own (RFC 9728 §3.1). Raises ValueError where the
    audience is no address.
    """

    def __init__(self, guard: Guard) -> None:
        parts = urlsplit(guard.audience)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query:
            raise ValueError("only an audience such as https://reports.example.com has a place for its metadata")
        self._guard = guard
        # RFC 9728 §3.1: a slash that stands for an empty path is left out.
        self.path = WELL_KNOWN + ("" if parts.path == "/" else parts.path)
        guard.resource_metadata = guard.resource_metadata or f"{parts.scheme}://{parts.netloc}{self.path}"

    def answers(self, method: str, path: str) -> bool:
        """Whether a request is for the document."""
        return path == self.path and method in {"GET", "HEAD"}

    def answer(self) -> Refusal:
        """The document. Every site may read it: there is nothing in it that a client must not know."""
        document = {
            "resource": self._guard.audience,
            "authorization_servers": [self._guard.issuer],
            "bearer_methods_supported": ["header"],
            "scopes_supported": sorted(self._guard.scopes),
        }
        body = json.dumps({name: value for name, value in document.items() if value}).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "public, max-age=600"),
            ("Access-Control-Allow-Origin", "*"),
        ]
        return Refusal(200, headers, body)
