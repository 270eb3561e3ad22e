"""`/admin/clients`: the clients and APIs that clients.yaml declares."""

from heapq import nsmallest

from flask import Response, request

from authserver.admin.administrator import Administrator, administers, shown
from authserver.admin.typed import typed
from authserver.pages.current import current_server
from authserver.protocol import management

SHOWN = 100


@administers("read:clients")
def clients(administrator: Administrator) -> Response:
    """Show a page of clients, and all APIs."""
    registry, texts = current_server().registry, current_server().texts
    after = typed(request.args, "after")
    names = nsmallest(SHOWN + 1, (name for name in registry.clients if name > after))
    apis = [api for api in registry.apis.values() if api.name != management.NAME]
    return shown(
        "clients",
        administrator,
        current="clients",
        clients=list(filter(None, map(registry.client, names[:SHOWN]))),
        following=names[SHOWN - 1] if len(names) > SHOWN else None,
        apis=[(api, texts.line(("apis", api.name))) for api in apis],
        version=registry.version,
    )
