"""The unit of systemd: sound, and shut away."""

import configparser
import re
from pathlib import Path

import pytest

from tests.deploy.programs import LONGEST_STOP, ROOT, judged

UNIT = ROOT / "deploy" / "systemd" / "authserver.service"
HOW = "apt-get install systemd"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """With a program that is there."""
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace("/opt/authserver/bin/authserver", "/bin/true"))
    return path


def test_systemd_accepts_it_without_a_word(unit: Path) -> None:
    done = judged("systemd-analyze", "verify", unit, how=HOW)
    assert (done.returncode, re.findall(rf".*{unit.name}.*", done.stderr)) == (0, [])


def test_systemd_finds_it_exposed_to_little(unit: Path) -> None:
    """The scale goes from 0, nothing, to 10; a service that takes no care has 9.6."""
    done = judged("systemd-analyze", "security", "--offline=true", "--no-pager", unit, how=HOW)
    (level,) = re.findall(r"Overall exposure level for authserver\.service: ([\d.]+)", done.stdout)
    assert float(level) < 2


@pytest.fixture
def service() -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(UNIT.read_text())
    return parser["Service"]


def test_it_has_started_once_it_serves_and_no_migration_is_cut_off(service: configparser.SectionProxy) -> None:
    """Before that a reload waits: a signal to a process that knows none yet would end it, and systemd finds that well.

    What is said is in tests/serve/test_supervisor.py.
    """
    assert (service["Type"], service["TimeoutStartSec"]) == ("notify", "infinity")
    # By a worker, which is not the main process.
    assert service["NotifyAccess"] == "all"


def test_it_stops_slower_than_the_server_and_reloads_by_sighup(service: configparser.SectionProxy) -> None:
    assert int(service["TimeoutStopSec"]) > LONGEST_STOP
    # To the parent alone: a worker that heard it, too, would be gone before any balancer noticed.
    assert service["KillMode"] == "mixed"
    assert service["ExecReload"].endswith("kill -HUP $MAINPID")
    assert service["User"] == "authserver"
