"""`authserver serve` as a process of its own, with the real clock, for the examples around it."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from authserver.cli.context import open_database
from authserver.signin.password import Passwords
from authserver.store import users
from authserver.store.upkeep import migrations
from tests.conftest import make_settings
from tests.patience import PATIENCE, eventually

PASSWORD = "Correct horse 1!"
CHEAP = {"password_hash_memory": 8192, "password_hash_time": 1, "password_hash_parallelism": 1}


def await_health(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Return when the address answers; AssertionError when the process ends before, or takes too long."""

    def answers() -> bool:
        assert process.poll() is None, f"ended with status {process.returncode}"
        with suppress(OSError), urllib.request.urlopen(url, timeout=PATIENCE):  # noqa: S310 - of this machine
            return True
        return False

    eventually(answers)


@contextmanager
def served(folder: Path, port: int, clients: str, roles: Mapping[str, str]) -> Iterator[str]:
    """The issuer. `roles` are the people, by username, with a role each; all have PASSWORD."""
    issuer = f"http://localhost:{port}"
    (folder / "clients.yaml").write_text(clients)
    chosen = {
        "issuer": issuer,
        "database_url": f"sqlite:///{folder / 'authserver.db'}",
        "clients_file": folder / "clients.yaml",
        "keys_dir": folder / "keys",
        **CHEAP,
    }
    settings = make_settings(**chosen)
    database = open_database(settings)
    migrations.upgrade(database)
    stored = Passwords(settings).hash(PASSWORD)
    with database.write() as connection:
        for username, role in roles.items():
            users.add(
                connection,
                username=username,
                email=f"{username}@example.com",
                email_verified=True,
                password_hash=stored,
                name=username.title(),
                roles=[role],
                now=int(time.time()),
            )
    database.engine.dispose()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    variables = {f"AUTHSERVER_{name.upper()}": str(value) for name, value in chosen.items()}
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(
            [str(Path(sys.executable).with_name("authserver")), "serve", "--workers", "1"],
            cwd=folder,
            env=kept
            | variables
            | {"AUTHSERVER_HOST": "127.0.0.1", "AUTHSERVER_PORT": str(port), "AUTHSERVER_DRAIN": "0"},
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            await_health(f"http://127.0.0.1:{port}/healthz", process)
            yield issuer
        finally:
            process.terminate()
