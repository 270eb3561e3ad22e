"""The commands of docs/operations.md for whoever is paged, run one after the other against a server under way."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from authserver.store import users
from tests.cluster.node import Node
from tests.conftest import open_database
from tests.own_postgresql import PROGRAMS
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.postgresql import created
from tests.runbook import commands

TOOLS = os.pathsep.join((str(Path(sys.executable).parent), str(PROGRAMS), os.environ["PATH"]))
ALL = commands("When you are paged")


@dataclass
class Watch:
    """A node, and the terminal of whoever looks at it."""

    node: Node
    monitoring: str
    database: str
    ran: set[str] = field(default_factory=set)

    def run(self, block: str, **variables: str) -> str:
        """What a block of the guide prints; every command of it succeeds."""
        assert block in ALL
        known = {"NODE": self.monitoring, "SERVER": str(self.node.process.pid), "PATH": TOOLS}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=self.node.folder,
            env={**self.node.environ, **known, **variables},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        self.ran.add(block)
        return done.stdout


def the(beginning: str) -> str:
    """The block that begins so."""
    (block,) = [each for each in ALL if each.startswith(beginning)]
    return block


@pytest.fixture
def watch(postgresql: str, tmp_path: Path) -> Iterator[Watch]:
    database, port = created(postgresql), free_port()
    settings = {"database_url": database, "monitoring_port": port}
    node = Node.started(tmp_path / "node", settings)
    watch = Watch(node, f"http://127.0.0.1:{port}", database)
    opened = open_database(database)
    with opened.write() as connection:
        users.add(connection, username="ada", email="ada@example.com", roles=["user"], now=1)
    opened.engine.dispose()
    yield watch
    if node.process.poll() is None:
        node.stop()


def which_check_fails(watch: Watch) -> None:
    said = watch.run(the('curl --silent "$NODE/readyz"'))
    assert re.search(r'^authserver_check_ok\{check="database"\} 1', said, re.MULTILINE)
    assert json.loads(said.partition("authserver_check_ok")[0])["status"] == "ready"


def who_holds_what_others_wait_for_is_found_and_ended(watch: Watch) -> None:
    # Not closed by itself: its end is what the guide brings about.
    holder = psycopg.connect(watch.database)
    with psycopg.connect(watch.database) as waiting:
        holder.execute("LOCK TABLE users")
        pid = holder.info.backend_pid
        waiter = threading.Thread(target=waiting.execute, args=("SELECT count(*) FROM users",))
        waiter.start()
        with psycopg.connect(watch.database, autocommit=True) as looking:
            blocked = f"SELECT {pid} = ANY (pg_blocking_pids({waiting.info.backend_pid}))".encode()
            eventually(lambda: looking.execute(blocked).fetchone() == (True,))
        said = watch.run(the('curl --silent "$NODE/metrics" | grep --extended-regexp'))
        assert "authserver_queue_waiting" in said
        assert re.search(rf"^ *{pid} \| idle in transaction", said, re.MULTILINE)
        watch.run(the('psql "$AUTHSERVER_DATABASE_URL" --command="SELECT pg_terminate'), PID=str(pid))
        waiter.join(PATIENCE)
        assert not waiter.is_alive()
    with pytest.raises(psycopg.errors.AdminShutdown):
        holder.execute("SELECT 1")
    holder.close()


def from_where_sign_ins_fail(watch: Watch) -> None:
    with psycopg.connect(watch.database) as connection:
        for address in ("192.0.2.7", "192.0.2.7", "192.0.2.8"):
            connection.execute(
                "INSERT INTO events (at, name, address, detail) VALUES (1, 'user:login:failed', %s, '{}')", (address,)
            )
    said = watch.run(the("authserver events list --name user:login:failed"))
    assert [line.split() for line in said.splitlines()[:2]] == [["2", "192.0.2.7"], ["1", "192.0.2.8"]]


def an_account_that_was_taken_over_is_shut_and_given_back(watch: Watch) -> None:
    said = watch.run(the("authserver users disable ada"))
    assert re.search(r"user:\S*disabled", said)
    with psycopg.connect(watch.database) as connection:
        assert connection.execute("SELECT disabled_at FROM users").fetchone() == (None,)


def a_key_that_got_out_is_gone_from_the_jwks(watch: Watch) -> None:
    (kid,) = watch.node.kids()
    said = watch.run(the("authserver keys list"), KID=kid)
    assert kid in said
    eventually(lambda: kid not in watch.node.kids())
    assert watch.node.service_token().status_code == 200


def a_client_gets_another_secret_and_the_server_reads_it(watch: Watch) -> None:
    text = (watch.node.folder / "clients.yaml").read_text()
    (watch.node.folder / "clients.yaml").write_text(f"{text}\n# another secret\n")
    said = watch.run(the("authserver clients new-secret portal"))
    assert "sha256" in said or "secrets" in said
    eventually(lambda: watch.node.lines("clients:reloaded"))


def a_node_is_taken_out(watch: Watch) -> None:
    watch.run(the('kill -TERM "$SERVER"'))
    assert watch.node.process.wait(PATIENCE) == 0


@pytest.mark.slow
def test_every_command_for_whoever_is_paged_does_what_the_guide_says(watch: Watch) -> None:
    which_check_fails(watch)
    who_holds_what_others_wait_for_is_found_and_ended(watch)
    from_where_sign_ins_fail(watch)
    an_account_that_was_taken_over_is_shut_and_given_back(watch)
    a_key_that_got_out_is_gone_from_the_jwks(watch)
    a_client_gets_another_secret_and_the_server_reads_it(watch)
    a_node_is_taken_out(watch)
    assert watch.ran == set(ALL)
