"""A running server takes a new clients.yaml whole, or keeps the last good one."""

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from authserver.clients.file.faults import ClientsFileError
from authserver.clients.file.on_disk import state_of
from authserver.clients.live import SETTLING, FirstReading, LiveRegistry
from authserver.clients.load import DEFAULT_ISSUER, load_to_serve
from authserver.history.text import said
from tests.clients.files import ENVIRON, SECRET, SOUND
from tests.patience import eventually

INTERVAL = 60.0
MORE = SOUND.replace("client_id: portal", "client_id: portal-2")
FAULTY = SOUND.replace("type: web", "type: wep")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "clients.yaml"
    path.write_text(SOUND)
    return path


@pytest.fixture
def live(path: Path) -> LiveRegistry:
    return LiveRegistry(path, ENVIRON, INTERVAL)


def replace(path: Path, text: str) -> None:
    """Put a new file in the place of the old one, as careful editors and deployments do."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def let_a_tick_pass(path: Path) -> None:
    """What is written from now on has a later time than this file has: older kernels give times in steps of 10 ms."""
    probe = path.with_suffix(".probe")

    def is_later() -> bool:
        probe.touch()
        return probe.stat().st_ctime_ns > path.stat().st_ctime_ns

    eventually(is_later, pause=0.001)


def look_twice(live: LiveRegistry) -> None:
    assert live.look() == SETTLING
    assert live.look() == INTERVAL


def test_a_server_does_not_start_with_a_faulty_file(path: Path) -> None:
    path.write_text(FAULTY)
    with pytest.raises(ClientsFileError, match="did you mean web"):
        LiveRegistry(path, ENVIRON)


def test_what_changes_while_a_first_reading_goes_on_is_met(path: Path) -> None:
    loaded = load_to_serve(path, ENVIRON, issuer=DEFAULT_ISSUER)
    first = FirstReading(state_of(path), lambda: loaded)
    replace(path, MORE)
    live = LiveRegistry(path, ENVIRON, INTERVAL, first=first)
    assert list(live.current.clients) == ["portal"]
    look_twice(live)
    assert list(live.current.clients) == ["portal-2"]


def test_nothing_is_loaded_while_nothing_changes(live: LiveRegistry) -> None:
    before = live.current
    assert [live.look() for _ in range(3)] == [INTERVAL] * 3
    assert live.current is before


def test_a_changed_file_is_taken_once_it_keeps_still(live: LiveRegistry, path: Path) -> None:
    first = live.current
    replace(path, MORE)
    with capture_logs() as logs:
        assert live.look() == SETTLING
        assert live.current is first
        assert live.look() == INTERVAL
    assert list(live.current.clients) == ["portal-2"]
    assert list(first.clients) == ["portal"]
    assert logs == [
        {
            "event": "clients:reloaded",
            "log_level": "info",
            "version": live.current.version,
            "previous": first.version,
        }
    ]


def test_a_file_that_is_still_being_written_is_left_alone(live: LiveRegistry, path: Path) -> None:
    first = live.current
    # Cut here, the file is sound YAML that has lost its client.
    for end in (20, MORE.index("  - client_id"), len(MORE)):
        path.write_text(MORE[:end])
        assert live.look() == SETTLING
        assert live.current is first
    assert live.look() == INTERVAL
    assert list(live.current.clients) == ["portal-2"]


def test_a_change_that_keeps_size_and_times_is_seen(live: LiveRegistry, path: Path) -> None:
    before = path.stat()
    let_a_tick_pass(path)
    path.write_text(SOUND.replace("Team portal", "Team PORTAL"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    look_twice(live)
    assert live.current.clients["portal"].name == "Team PORTAL"


def test_a_faulty_file_is_refused_whole_and_reported_once(live: LiveRegistry, path: Path) -> None:
    first = live.current
    replace(path, FAULTY)
    with capture_logs() as logs:
        look_twice(live)
        assert live.look() == INTERVAL
        assert not live.reload()
    assert live.current is first
    assert [str(fault) for fault in live.faults] == logs[0]["faults"]
    assert "did you mean web?" in logs[0]["faults"][0]
    assert [(log["event"], log["log_level"], log["kept_version"], log["fault_count"]) for log in logs] == [
        ("clients:refused", "error", first.version, 1)
    ]


def test_a_mended_file_is_taken(live: LiveRegistry, path: Path) -> None:
    replace(path, FAULTY)
    look_twice(live)
    replace(path, MORE)
    look_twice(live)
    assert list(live.current.clients) == ["portal-2"]
    assert live.faults == ()


@pytest.mark.parametrize("content", ["", "clients: [", "\0"])
def test_a_file_that_is_cut_off_is_refused(live: LiveRegistry, path: Path, content: str) -> None:
    path.write_text(content)
    look_twice(live)
    assert list(live.current.clients) == ["portal"]


def test_a_file_may_vanish_and_come_back(live: LiveRegistry, path: Path) -> None:
    path.unlink()
    look_twice(live)
    assert list(live.current.clients) == ["portal"]
    assert "No such file" in str(live.faults[0])
    path.write_text(MORE)
    look_twice(live)
    assert list(live.current.clients) == ["portal-2"]


def test_a_file_behind_a_link_is_watched(live: LiveRegistry, path: Path, tmp_path: Path) -> None:
    for name, text in (("one", SOUND), ("two", MORE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "clients.yaml").write_text(text)
    path.unlink()
    path.symlink_to(tmp_path / "one" / "clients.yaml")
    look_twice(live)
    new = tmp_path / "new"
    new.symlink_to(tmp_path / "two" / "clients.yaml")
    new.replace(path)
    look_twice(live)
    assert list(live.current.clients) == ["portal-2"]


def test_a_changed_secret_file_is_taken(path: Path, tmp_path: Path) -> None:
    secret = tmp_path / "portal.secret"
    secret.write_text(SECRET)
    path.write_text(SOUND.replace("env: PORTAL_SECRET", "file: portal.secret"))
    live = LiveRegistry(path, {}, INTERVAL)
    while live.look() != INTERVAL:
        pass
    first = live.current
    let_a_tick_pass(secret)
    secret.write_text(SECRET[::-1])
    look_twice(live)
    assert live.current.version != first.version
    assert live.current.clients["portal"].secrets != first.clients["portal"].secrets


def test_a_secret_file_that_appears_later_mends_a_refused_file(live: LiveRegistry, path: Path, tmp_path: Path) -> None:
    replace(path, MORE.replace("env: PORTAL_SECRET", "file: later.secret"))
    look_twice(live)
    assert "cannot be read" in str(live.faults[0])
    while live.look() != INTERVAL:
        pass
    (tmp_path / "later.secret").write_text(SECRET)
    look_twice(live)
    assert list(live.current.clients) == ["portal-2"]


def test_a_touched_file_is_no_new_version(live: LiveRegistry, path: Path) -> None:
    version = live.current.version
    let_a_tick_pass(path)
    path.touch()
    with capture_logs() as logs:
        look_twice(live)
    assert live.current.version == version
    assert logs == []


def test_how_a_text_came_is_kept_until_another_text_comes(live: LiveRegistry, path: Path) -> None:
    first = live.arrival
    assert (first.way, first.version, first.who) == ("start", live.current.version, path.owner())
    let_a_tick_pass(path)
    path.touch()
    look_twice(live)
    assert live.arrival is first
    replace(path, FAULTY)
    look_twice(live)
    assert live.arrival is first
    replace(path, MORE)
    look_twice(live)
    assert (live.arrival.way, live.arrival.version) == ("reload", live.current.version)
    assert said(live.arrival.text.packed).text.decode() == MORE
