"""Which browser origins may read an answer (CORS): never with credentials.

RFC 9700 §2.6; https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Callable, Collection

from authserver.server import Reply

PREFLIGHT_MAX_AGE = "600"
EXPOSED = "WWW-Authenticate, DPoP-Nonce"


def headers(
    rule: str, origin: str | None, declared: Collection[str], registered: Callable[[str], bool]
) -> tuple[tuple[str, str], ...]:
    """The headers for one answer: `any` origin for public documents, a `registered` one for tokens, else none.

    An origin is one of clients.yaml, or of a client that `registered` itself.
    """
    if rule == "any":
        return (("Access-Control-Allow-Origin", "*"),)
    if rule == "none":
        return ()
    vary = ("Vary", "Origin")
    if origin is None or not (origin in declared or registered(origin)):
        return (vary,)
    return (vary, ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", EXPOSED))


def preflight(methods: tuple[str, ...]) -> Reply:
    """The answer to a preflight; without `Access-Control-Allow-Origin`, which `headers` adds, it allows nothing."""
    return Reply(
        204,
        headers=(
            ("Access-Control-Allow-Methods", ", ".join(methods)),
            ("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP"),
            ("Access-Control-Max-Age", PREFLIGHT_MAX_AGE),
        ),
    )
