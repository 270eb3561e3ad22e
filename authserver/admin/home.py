"""`/admin`: how the server is doing, and what to look at."""

from flask import Response

from authserver.admin.administrator import Administrator, administers, shown
from authserver.admin.chart import ISSUED, Chart, begin, chart
from authserver.keys import life
from authserver.keys.life import Stage
from authserver.pages.current import current_server
from authserver.server import Server
from authserver.signin.factors import required
from authserver.store import Connection, directory, events, outbox
from authserver.store import keys as stored

SUCCEEDED, FAILED = "user:login:succeeded", "user:login:failed"


@administers()
def home(administrator: Administrator) -> Response:
    """Show people, sign-ins and tokens by day, keys, mail, and what the server warns of: each to who may see it."""
    server = current_server()
    now = server.now()
    with server.database.read() as connection:
        count = directory.count(connection) if administrator.may("read:users") else None
        lacking = required.lacking(connection, server) if administrator.may("read:users") else None
        charts = _charts(administrator, connection, now)
        waiting = outbox.waiting(connection) if administrator.may("read:events") else []
        stages = _stages(server, connection, now) if administrator.may("read:keys") else []
    return shown(
        "home",
        administrator,
        current="home",
        count=count,
        lacking=lacking,
        most=directory.MOST_COUNTED,
        charts=charts,
        waiting=sum(count for _kind, count, _since in waiting),
        most_waiting=outbox.MOST_COUNTED,
        active=[each for each in stages if each.state == "active"],
        version=server.registry.version,
        warnings=list(server.warnings.values()),
    )


def _charts(administrator: Administrator, connection: Connection, now: int) -> dict[str, Chart]:
    since, charts = begin(now), dict[str, Chart]()
    if administrator.may("read:users"):
        charts["people"] = chart(directory.added_at(connection, since), now)
    if administrator.may("read:events"):
        for name in (SUCCEEDED, FAILED, ISSUED):
            charts[name] = chart(events.times(connection, name, since), now)
    return charts


def _stages(server: Server, connection: Connection, now: int) -> list[Stage]:
    return life.stages(stored.load(connection), now, life.Schedule.of(server.settings))
