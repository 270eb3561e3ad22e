"""What the software of clients and APIs must newly do or know, although nobody's roles change."""

from collections.abc import Iterator

from authserver.plan.consequence import Consequence
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry

_NEW = (
    ("pkce_required", "must use PKCE from now on; requests without code_challenge are refused"),
    ("must_push", "must push its requests from now on (PAR); others are refused"),
    ("must_sign", "must sign its requests from now on; others are refused"),
    (
        "dpop_bound_access_tokens",
        "must prove a key from now on (DPoP); requests without a proof are refused",
    ),
)


def demands(subject: str, old: Client, new: Client) -> Iterator[Consequence]:
    """What a client must do from now on, and whom it would no longer recognize."""
    for name, what in _NEW:
        if getattr(new, name) and not getattr(old, name):
            yield Consequence("lost", subject, what)
    if old.sector != new.sector:
        # OpenID Connect Core §8.1: a pairwise sub is one of the sector.
        yield Consequence("lost", subject, "knows everybody by another sub from now on, as if they were new there")
    if old.claims != new.claims:
        yield Consequence("told", subject, "gets claims under other names, or in other places")


def apis(before: Registry, after: Registry) -> Iterator[Consequence]:
    """The APIs that come and go, or are called otherwise in tokens."""
    for name in sorted(before.apis.keys() - after.apis.keys()):
        yield Consequence("lost", f"API {name}", "is removed; no token is issued for it any more")
    for name in sorted(after.apis.keys() - before.apis.keys()):
        yield Consequence("gained", f"API {name}", "is new")
    for name in sorted(before.apis.keys() & after.apis.keys()):
        was, becomes = before.apis[name].audience, after.apis[name].audience
        if was != becomes:
            what = f"has the audience {becomes} instead of {was}; tokens, and clients that name it, must follow"
            yield Consequence("lost", f"API {name}", what)
