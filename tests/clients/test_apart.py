"""A large clients.yaml is read in a process of its own, and comes to the same."""

import os
import resource
import select
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

from authserver.clients.file.faults import ClientsFileError
from authserver.clients.file.on_disk import LARGE
from authserver.clients.file.plain import Plain
from authserver.clients.load import DEFAULT_ISSUER, LoadedFile, load
from authserver.clients.served import ahead, apart
from authserver.clients.served.ahead import read_ahead
from authserver.clients.served.apart import begin_apart, load_apart
from tests.clients.files import ENVIRON, SOUND
from tests.patience import PATIENCE

MANY = SOUND + "".join(
    f"  - {{client_id: portal-{n}, name: Portal {n}, type: web, secrets: [{{env: PORTAL_SECRET}}],"
    f" redirect_uris: [https://portal{n}.example.com/callback], apis: [reports]}}\n"
    for n in range(800)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "clients.yaml"
    path.write_text(MANY)
    assert path.stat().st_size > LARGE
    return path


def children_seconds() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def test_what_comes_of_it_is_what_comes_of_reading_it_here(path: Path) -> None:
    before = children_seconds()
    found, expected = load_apart(path, ENVIRON, issuer=DEFAULT_ISSUER), load(path, ENVIRON, issuer=DEFAULT_ISSUER)
    assert children_seconds() > before
    assert (found.registry, found.files, found.text) == (expected.registry, expected.files, expected.text)
    assert list(found.registry.clients) == list(expected.registry.clients)
    with pytest.raises(TypeError):
        found.registry.clients["portal"] = found.registry.clients["portal-1"]  # type: ignore[index]


def test_what_has_begun_comes_to_the_same_and_a_fault_is_raised_at_its_end(path: Path) -> None:
    finish = begin_apart(path, ENVIRON, issuer=DEFAULT_ISSUER)
    assert finish().registry == load(path, ENVIRON, issuer=DEFAULT_ISSUER).registry
    path.write_text(MANY.replace("type: web", "type: wep"))
    finish = begin_apart(path, ENVIRON, issuer=DEFAULT_ISSUER)
    with pytest.raises(ClientsFileError, match="did you mean web"):
        finish()


def test_what_was_read_ahead_is_not_read_again_and_comes_to_the_same(path: Path) -> None:
    expected = load(path, ENVIRON, issuer=DEFAULT_ISSUER)
    begun = read_ahead(path)
    assert begun is not None
    assert select.select([begun.reading], [], [], PATIENCE)[0]
    path.write_text("nobody reads this")
    found = begin_apart(path, ENVIRON, issuer=DEFAULT_ISSUER, ahead=begun)()
    assert (found.registry, found.files, found.text) == (expected.registry, expected.files, expected.text)


def test_a_fault_that_is_met_ahead_is_said_with_its_place(path: Path) -> None:
    path.write_text(MANY.replace("name: Portal 7,", "name: Portal 7, name: Portal 8,"))
    finish = begin_apart(path, ENVIRON, issuer=DEFAULT_ISSUER, ahead=read_ahead(path))
    with pytest.raises(
        ClientsFileError, match=r"clients\.yaml:\d+:\d+: clients\[8\]\.name: this key is already on line"
    ):
        finish()


def test_where_the_process_that_reads_ahead_is_killed_the_other_one_reads(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_path: Path) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    monkeypatch.setattr(ahead, "read_plain", killed)
    begun = read_ahead(path)
    finish = begin_apart(path, ENVIRON, issuer=DEFAULT_ISSUER, ahead=begun)
    assert begun is not None
    assert finish().registry == load(path, ENVIRON, issuer=DEFAULT_ISSUER).registry


def test_a_file_that_is_gone_before_it_is_read_ahead_is_said_in_words(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "is_large", lambda _path: True)
    path.unlink()
    with pytest.raises(ClientsFileError, match="No such file"):
        begin_apart(path, ENVIRON, issuer=DEFAULT_ISSUER, ahead=read_ahead(path))()


def test_every_fault_comes_with_its_place_and_the_files_that_may_mend_it(path: Path) -> None:
    path.write_text(MANY.replace("type: web", "type: wep").replace("env: PORTAL_SECRET", "file: later.secret", 1))
    refused = []
    for reading in (load_apart, load):
        with pytest.raises(ClientsFileError) as error:
            reading(path, ENVIRON, issuer=DEFAULT_ISSUER)
        refused.append((error.value.faults, error.value.files))
    assert refused[0] == refused[1]
    assert len(refused[0][0]) > 800
    assert path.parent / "later.secret" in refused[0][1]


def test_a_small_file_costs_no_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(SOUND)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a process was begun"))
    assert read_ahead(path) is None
    assert list(load_apart(path, ENVIRON, issuer=DEFAULT_ISSUER).registry.clients) == ["portal"]


def test_a_process_that_is_killed_while_it_reads_is_a_fault_of_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_path: Path, _environ: Mapping[str, str], *, issuer: str, plain: Plain | None) -> LoadedFile:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError(issuer, plain)

    monkeypatch.setattr(apart, "load_to_serve", killed)
    with pytest.raises(ClientsFileError, match="the process that reads it was killed") as error:
        load_apart(path, ENVIRON, issuer=DEFAULT_ISSUER)
    assert error.value.files == (path,)


def test_a_file_that_is_gone_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ClientsFileError, match="No such file"):
        load_apart(tmp_path / "clients.yaml", ENVIRON, issuer=DEFAULT_ISSUER)
