"""A whole cluster: three nodes behind nginx, PostgreSQL with a standby, a pooler beside each of both, and Redis."""

import shutil
import tempfile
import time
from pathlib import Path

from authserver.master_key import new_key
from authserver.people_settings import HOUR
from authserver.store import sessions, users
from tests.cluster.load import Load
from tests.cluster.node import Node
from tests.cluster.pooler import Pooler
from tests.cluster.proxy import Proxy
from tests.cluster.site import Site
from tests.conftest import open_database
from tests.own_postgresql import OwnPostgresql
from tests.own_redis import OwnRedis
from tests.patience import eventually
from tests.runbook import commands
from tests.store.upgrade import upgrade

FOLLOW, TAKE_OVER = commands("When the primary is lost")
# Of the server's connections each pooler has as many as all workers behind it use at a time.
CONNECTIONS = 20


class Cluster:
    """Everything runs on the loopback, and each part can be ended by itself."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="authserver-cluster-"))
        # The servers are of other users, if this one is root.
        self._folder.chmod(0o755)
        self.primary, self.standby = (OwnPostgresql(self._made(name)) for name in ("primary", "standby"))
        self.poolers = tuple(
            Pooler(
                self._made(f"pooler-{server.folder.name}"),
                f"host=127.0.0.1 port={server.port}",
                server.owner,
                CONNECTIONS,
            )
            for server in (self.primary, self.standby)
        )
        self.redis = OwnRedis()
        self.nodes: list[Node] = []

    def start(self) -> None:
        """Start all of it, and wait until all of it is ready."""
        self.primary.create()
        upgrade(self.primary.url)
        self.standby.run(FOLLOW, PRIMARY=self.primary.url)
        in_step = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        eventually(lambda: self.primary.value(in_step) == 1)
        for pooler in self.poolers:
            pooler.start()
        self.redis.start()
        self.cookie = signed_in(self.primary.url)
        # Two nodes by the poolers, and one without.
        ports = [[pooler.port for pooler in self.poolers]] * 2 + [[self.primary.port, self.standby.port]]
        shared = {
            "master_key": new_key(),
            "redis_url": self.redis.url,
            "trusted_proxies": "127.0.0.1",
            "drain": 1,
            # As long as it goes: this machine may be slow.
            "refresh_grace": 600,
        }
        self.nodes = [
            Node.begun(self._folder / f"node-{number}", shared | {"database_url": _url(*hosts)})
            for number, hosts in enumerate(ports)
        ]
        for node in self.nodes:
            eventually(node.is_ready)
        self._proxy = Proxy(self._folder / "nginx", [node.port for node in self.nodes])

    def load(self) -> Load:
        """What people and programs do by way of the proxy."""
        return Load([Site(self._proxy.url)], self.cookie)

    def live_twice(self, server: OwnPostgresql) -> object:
        """How many authorizations have two refresh tokens that nothing has replaced."""
        return server.value(
            "SELECT count(*) FROM (SELECT 1 FROM refresh_tokens WHERE replaced_at IS NULL "
            "GROUP BY authorization_id HAVING count(*) > 1) AS several"
        )

    def stop(self) -> None:
        """End whatever runs, and leave nothing behind."""
        self._proxy.stop()
        for node in self.nodes:
            node.kill()
        for pooler in self.poolers:
            pooler.stop()
        self.redis.stop()
        for server in (self.primary, self.standby):
            server.kill()
        shutil.rmtree(self._folder)

    def _made(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir(mode=0o755)
        return folder


def _url(first: int, second: int) -> str:
    hosts = f"127.0.0.1:{first},127.0.0.1:{second}"
    return f"postgresql://postgres:@{hosts}/postgres?target_session_attrs=read-write"


def signed_in(database_url: str) -> str:
    """The session of a browser in which a person is signed in, on all nodes of this database."""
    database, now = open_database(database_url), int(time.time())
    with database.write() as connection:
        person = users.add(connection, username="ada", email="ada@example.com", name="Ada", roles=["user"], now=now)
        cookie, _ = sessions.start(connection, sessions.SignIn(person.sub, ("pwd",), HOUR, HOUR), now)
    database.engine.dispose()
    return cookie
