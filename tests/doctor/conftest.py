"""A running server behind a proxy that can be told to misbehave."""

import signal
from collections.abc import Iterator

import pytest

from authserver.doctor.diagnosis import Diagnosis
from authserver.doctor.site import Site
from tests.doctor.proxy import Mischief, Proxy, proxied
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import CLIENTS_YAML, Running, spawn

PATH = "/auth"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Proxy]]:
    """A server whose issuer, with a path, is the proxy's."""
    folder = tmp_path_factory.mktemp("examined")
    (folder / "clients.yaml").write_text(CLIENTS_YAML)
    with proxied() as proxy:
        port = free_port()
        server = Running(spawn(folder, port, issuer=f"{proxy.url}{PATH}"), port, folder)
        proxy.target = f"http://127.0.0.1:{port}"
        eventually(server.is_ready)
        yield server, proxy
        server.process.send_signal(signal.SIGINT)
        server.process.wait(PATIENCE)


@pytest.fixture
def server(running: tuple[Running, Proxy]) -> Running:
    return running[0]


@pytest.fixture
def mischief(running: tuple[Running, Proxy]) -> Mischief:
    """What the proxy does wrong in this test."""
    running[1].mischief = Mischief()
    return running[1].mischief


@pytest.fixture
def site(running: tuple[Running, Proxy]) -> Iterator[Site]:
    with Site(f"{running[1].url}{PATH}") as site:
        yield site


def told(found: Iterator[Diagnosis]) -> list[tuple[str, str, str]]:
    """What is not well."""
    return [(each.level, each.part, each.found) for each in found if each.level != "ok"]
