"""`/admin/apis/<api_name>`: what one API is, which clients may call it, which roles open it, and its tokens by day."""

from heapq import nsmallest

from flask import Response

from authserver.access.permissions import powers
from authserver.admin.administrator import Administrator, administers, nobody, shown
from authserver.admin.chart import ISSUED, begin, chart
from authserver.pages.current import current_server
from authserver.protocol.client.registry import Registry
from authserver.store import events

SHOWN = 200


@administers("read:clients")
def api(administrator: Administrator, api_name: str) -> Response:
    """Show one API."""
    server = current_server()
    registry = server.registry
    found = registry.apis.get(api_name)
    if found is None:
        return nobody()
    now, tokens = server.now(), None
    if administrator.may("read:events"):
        with server.database.read() as connection:
            times = events.times_for_api(connection, ISSUED, begin(now), api_name)
        tokens = chart(times, now)
    callers = registry.index.calling.get(api_name, ())
    return shown(
        "api",
        administrator,
        current="clients",
        api=found,
        line=server.texts.line(("apis", api_name)),
        tokens=tokens,
        clients=[each for each in map(registry.client, nsmallest(SHOWN, callers)) if each],
        more=max(0, len(callers) - SHOWN),
        roles=_roles(registry, api_name),
    )


def _roles(registry: Registry, api_name: str) -> list[tuple[str, list[str]]]:
    """Each role that gives something of it, and what."""
    given = (
        (role, sorted(permission for api, permission in powers(registry, (role,)) if api == api_name))
        for role in registry.roles
    )
    return [(role, permissions) for role, permissions in given if permissions]
