"""What the parent has read of clients.yaml reaches its workers, whole and without reading it again."""

import json
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from authserver.clients.live import LiveRegistry
from authserver.clients.served import packed
from authserver.serve.published import Published
from tests.clients.files import ENVIRON, SOUND, with_client
from tests.patience import PATIENCE

OTHER = with_client("type: native, redirect_uris: [http://127.0.0.1/callback], apis: [reports]")
KEY = ECKey.generate_key("P-256").as_dict(private=False)
WITH_A_KEY = f"""
clients:
  - {{client_id: signer, name: Signer, type: service, token_endpoint_auth_method: private_key_jwt,
     jwks: {json.dumps({"keys": [KEY]})}}}
"""
FAULTY = SOUND.replace("type: web", "type: wep")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "clients.yaml"
    path.write_text(SOUND)
    return path


@pytest.fixture
def live(path: Path) -> LiveRegistry:
    return LiveRegistry(path, ENVIRON)


def _look(live: LiveRegistry, published: Published, told: Connection) -> None:
    before = live.current.clients["portal"]
    while told.recv():
        published.look()
        is_same = live.current.clients["portal"] is before
        told.send((live.current.version, list(live.current.clients), is_same, [fault.what for fault in live.faults]))


def test_a_worker_takes_what_its_parent_has_read_and_keeps_what_did_not_change(path: Path, live: LiveRegistry) -> None:
    published, fork = Published(live), get_context("fork")
    here, there = fork.Pipe()
    worker = fork.Process(target=_look, args=(live, published, there), daemon=True)
    worker.start()

    def seen() -> tuple[str, list[str], bool, list[str]]:
        here.send(True)
        assert here.poll(PATIENCE)
        answer: tuple[str, list[str], bool, list[str]] = here.recv()
        return answer

    first = live.current.version
    assert seen() == (first, ["portal"], True, [])
    path.write_text(OTHER)
    assert live.reload()
    assert published.publish()
    assert seen() == (live.current.version, ["portal", "other"], True, [])
    path.write_text(FAULTY)
    assert not live.reload()
    assert published.publish()
    version, clients, _, faults = seen()
    assert (version, clients) == (live.current.version, ["portal", "other"])
    assert "did you mean web?" in faults[0]
    path.write_text(SOUND)
    assert live.reload()
    assert published.publish()
    assert seen() == (first, ["portal"], True, [])
    here.send(False)
    worker.join(PATIENCE)


def test_nothing_new_is_not_published(path: Path, live: LiveRegistry) -> None:
    published = Published(live)
    path.touch()
    assert live.reload()
    assert not published.publish()


def test_a_worker_that_begins_later_has_the_latest_from_its_parent(path: Path, live: LiveRegistry) -> None:
    published, fork = Published(live), get_context("fork")
    path.write_text(OTHER)
    live.reload()
    published.publish()
    current = live.current
    published.look()
    assert live.current is current
    here, there = fork.Pipe()
    worker = fork.Process(target=_look, args=(live, published, there), daemon=True)
    worker.start()
    here.send(True)
    assert here.poll(PATIENCE)
    assert here.recv() == (current.version, ["portal", "other"], True, [])
    here.send(False)
    worker.join(PATIENCE)


def test_everything_in_a_registry_survives_being_packed(tmp_path: Path) -> None:
    path = tmp_path / "clients.yaml"
    path.write_text((Path(__file__).parents[1] / "example.yaml").read_text().replace("\nclients:\n", WITH_A_KEY))
    example = LiveRegistry(path, _Everything()).current
    assert example.clients["signer"].jwks
    verdict = packed.unpack(packed.pack(packed.Verdict(example)))
    assert verdict == packed.Verdict(example)


class _Everything(dict[str, str]):
    """Every variable that a file may name."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return name.ljust(40, "x")
