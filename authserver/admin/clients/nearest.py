"""What was probably meant by a request that was refused: the registered value that is most like what was received."""

import json
import re

from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.store.events import Event

REFUSED = "client:request:refused"
# As `repr` writes what was received, in the detail of a refusal.
_RECEIVED = re.compile(r"received '([^']{1,1000})'")


def nearest_registered(registry: Registry, client: Client, event: Event) -> str | None:
    """The value, or None where none is like it or the event tells of something else."""
    if event.name != REFUSED:
        return None
    said = json.loads(event.detail)
    received = _RECEIVED.search(str(said.get("detail", "")))
    if received is None:
        return None
    # Needed on this page only.
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    known = _known(registry, client, str(said.get("reason", "")))
    found = process.extractOne(received[1], known, scorer=JaroWinkler.similarity, score_cutoff=0.6)
    return str(found[0]) if found else None


def _known(registry: Registry, client: Client, reason: str) -> list[str]:
    """The registered values of what a reason speaks of."""
    if "redirect_uri" in reason:
        return [*client.redirect_uris, *client.post_logout_redirect_uris]
    apis = [registry.apis[name] for name in client.apis]
    if "scope" in reason:
        return [*client.scopes, *(permission for api in apis for permission in api.permissions)]
    return [api.audience for api in apis]
