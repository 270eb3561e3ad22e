"""The image, built without a container engine and run as an engine would.

As root, with debootstrap: `make test T=tests/deploy/test_image.py IMAGE=1`.
"""

import os
import re
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.deploy.image import ROOT, Image, built, debian, instructions
from tests.examples.served import await_health
from tests.patience import PATIENCE
from tests.ports import free_ports

DOCKERFILE = (ROOT / "Dockerfile").read_text()
CLIENTS = """
clients:
  - {client_id: phone, name: Phone, type: native, redirect_uris: [http://127.0.0.1/callback]}
"""


def megabytes(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_every_instruction_is_one_that_is_understood_here() -> None:
    known = {"FROM", "RUN", "COPY", "ENV", "WORKDIR", "USER", "CMD", "HEALTHCHECK", "EXPOSE", "VOLUME", "STOPSIGNAL"}
    assert {name for name, _ in instructions(DOCKERFILE)} == known


def test_a_build_fetches_no_frontend_besides_its_base_image() -> None:
    assert "syntax=" not in DOCKERFILE
    assert {rest.partition(" ")[0] for name, rest in instructions(DOCKERFILE) if name == "FROM"} == {
        "python:3.11-slim-trixie"
    }


def test_a_file_is_fetched_from_the_replica_that_made_it() -> None:
    """With several replicas, `docker compose cp` takes another than `docker compose exec`."""
    lines = [line for line in (ROOT / "docs" / "container.md").read_text().splitlines() if "authserver.age" in line]
    assert [re.split(r"[ :]", line.strip())[:3] for line in lines] == [
        ["docker", "exec", "$node"],
        ["docker", "cp", "$node"],
    ]


def test_the_image_has_the_client_programs_of_the_server_in_compose() -> None:
    server = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["postgres"]["image"]
    (client,) = re.findall(r"postgresql-client-(\d+)", DOCKERFILE)
    assert server.startswith(f"postgres:{client}-")


def test_without_a_setting_the_database_is_in_the_volume() -> None:
    texts = dict(re.findall(r"RUN echo '(\w+)=(.+)' > /srv/authserver/\.env", DOCKERFILE))
    (volume,) = re.findall(r"^VOLUME (.+)$", DOCKERFILE, re.MULTILINE)
    assert texts == {"AUTHSERVER_DATABASE_URL": f"sqlite:///{volume}/authserver.db"}
    assert f"WORKDIR {volume.rpartition('/')[0]}\n" in DOCKERFILE.rpartition("FROM")[2]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Image]:
    """The finished folder. Takes some minutes."""
    if not os.environ.get("IMAGE"):
        pytest.skip("the image was NOT built: it takes minutes, and IMAGE=1 to ask for it")
    if os.geteuid() or not shutil.which("debootstrap"):
        pytest.skip("the image was NOT built: that takes root and debootstrap (apt-get install debootstrap)")
    assert pytestconfig.cache is not None
    folder = tmp_path_factory.mktemp("image")
    # Whoever else runs in it must be able to enter.
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    yield built(debian(Path(pytestconfig.cache.mkdir("image"))), folder)
    shutil.rmtree(folder)


@pytest.mark.slow
def test_every_run_line_works_in_a_bare_debian_and_the_server_starts_and_stops(
    image: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    (image.folder / "etc" / "authserver" / "clients.yaml").write_text(CLIENTS)
    port, monitoring = free_ports(2)
    image.environ |= {
        "AUTHSERVER_HOST": "127.0.0.1",
        "AUTHSERVER_MONITORING_HOST": "127.0.0.1",
        "AUTHSERVER_PORT": str(port),
        "AUTHSERVER_MONITORING_PORT": str(monitoring),
        "AUTHSERVER_DRAIN": "0",
    }
    assert image.run("id", "-u").strip() == "10001"
    assert list((image.folder / "opt/authserver/lib").glob("python3*/site-packages/authserver"))
    assert not list((image.folder / "opt/authserver/lib").glob("python3*/site-packages/pip"))
    took = []
    for _ in range(2):
        began = children_seconds()
        with subprocess.Popen(image.arguments(*image.command), stdout=subprocess.PIPE) as process:
            await_health(f"http://127.0.0.1:{monitoring}/readyz", process)
            process.terminate()
            assert process.wait(PATIENCE) == 0
        took.append(children_seconds() - began)
    with subprocess.Popen(image.arguments(*image.command), stdout=subprocess.DEVNULL) as process:
        await_health(f"http://127.0.0.1:{monitoring}/healthz", process)
        image.run(*image.health)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    assert (image.folder / "srv/authserver/data/authserver.db").is_file()
    with capsys.disabled():
        print(
            f"\n/opt/authserver: {megabytes(image.folder / 'opt'):.0f} MB; "
            f"a start and a stop: {took[1]:.2f} s of CPU, the first with migrations: {took[0]:.2f} s"
        )


@pytest.mark.slow
def test_a_backup_can_be_made_in_the_image(image: Image) -> None:
    (client,) = re.findall(r"postgresql-client-(\d+)", DOCKERFILE)
    for program in ("pg_dump", "pg_restore", "psql"):
        assert f"(PostgreSQL) {client}." in image.run(program, "--version")
    said = image.run("authserver", "backup", "--help")
    assert "Usage: authserver backup" in said
