"""The command behind `make run`: it starts five processes, keeps what they know, and ends them all."""

import json
import os
import re
import signal
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from examples.demo.state import new_password
from tests.examples.demonstration import Demonstration, is_alive
from tests.patience import PATIENCE, eventually
from tests.ports import free_ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
Start = Callable[[], Demonstration]
READY = "Ctrl-C stops everything."


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Demonstration] = []
    ports = free_ports(5)

    def begin() -> Demonstration:
        started.append(Demonstration(tmp_path / "demo", ports))
        return started[-1]

    yield begin
    for each in started:
        each.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """One that nothing is done to."""
    demo = Demonstration(tmp_path_factory.mktemp("demo") / "demo", free_ports(5))
    demo.wait_for(READY)
    yield demo
    demo.stop()


def test_all_five_answer_and_the_terminal_says_what_to_open(running: Demonstration) -> None:
    demo = running
    assert f"Open  {demo.portal}" in demo.output
    assert set(demo.passwords) == {"guest", "user", "moderator", "admin"}
    metadata = requests.get(f"{demo.server}/.well-known/openid-configuration", timeout=PATIENCE).json()
    assert metadata["issuer"] == demo.server
    assert "Sign in" in requests.get(demo.portal, timeout=PATIENCE).text
    assert requests.get(f"{demo.resource}/reports", timeout=PATIENCE).status_code == 401
    provider = requests.get(f"{demo.provider}/.well-known/openid-configuration", timeout=PATIENCE).json()
    assert provider["issuer"] == demo.provider
    assert "Nothing yet" in requests.get(f"{demo.mail}/demo/mail", timeout=PATIENCE).text
    assert f"{demo.mail}/demo/mail" in demo.output


def test_the_terminal_says_when_clients_yaml_was_taken_or_refused(running: Demonstration) -> None:
    demo = running
    # With other ports than the usual ones it is a copy, whose path is printed.
    file = demo.folder / "clients.yaml"
    text = file.read_text()
    file.write_text(text.replace("default_role: user", "default_role: usr"))
    demo.wait_for("clients.yaml was refused")
    demo.wait_for("no role is named usr; did you mean user?")
    file.write_text(text + "# changed\n")
    demo.wait_for("clients.yaml was taken; version ")
    assert demo.output.count("was refused") == 1


@pytest.mark.slow
def test_a_code_by_mail_signs_people_in_too(running: Demonstration) -> None:
    assert "Sign in by a code that we email you" in requests.get(f"{running.server}/sign-in", timeout=PATIENCE).text


def test_stopping_and_starting_loses_nothing(start: Start) -> None:
    demo = start()
    demo.wait_for(READY)
    children = demo.children()
    keys = requests.get(f"{demo.server}/jwks.json", timeout=PATIENCE).json()
    _forget_password(demo)
    assert demo.stop(signal.SIGINT) == 0
    assert [pid for pid in children if is_alive(pid)] == []
    again = start()
    again.wait_for(READY)
    assert again.passwords == demo.passwords
    assert requests.get(f"{again.server}/jwks.json", timeout=PATIENCE).json() == keys
    assert f"{again.server}/reset?token=" in requests.get(f"{again.mail}/demo/mail", timeout=PATIENCE).text


def _forget_password(demo: Demonstration) -> None:
    browser = requests.Session()
    page = browser.get(f"{demo.server}/forgot", timeout=PATIENCE).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    browser.post(f"{demo.server}/forgot", data={"csrf_token": token[1], "username": "guest"}, timeout=PATIENCE)

    def letter() -> str:
        text = requests.get(f"{demo.mail}/demo/mail", timeout=PATIENCE).text
        return text if f'<a href="{demo.server}/reset?token=' in text else ""

    assert "to guest@example.com" in eventually(letter, pause=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP], ids=lambda how: how.name)
def test_one_signal_ends_everything_that_was_started(start: Start, how: signal.Signals) -> None:
    demo = start()
    demo.wait_for(READY)
    children = demo.children()
    assert demo.stop(how) == 0
    assert [pid for pid in children if is_alive(pid)] == []


@pytest.mark.slow
def test_one_that_dies_takes_the_others_along_and_is_named(start: Start) -> None:
    demo = start()
    demo.wait_for(READY)
    children = demo.children()
    portal = next(pid for pid in children if b"examples.relying_party" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(portal, signal.SIGKILL)
    assert demo.wait_for_end() == 1
    assert "relying party ended with status -9" in demo.output
    assert [pid for pid in children if is_alive(pid)] == []


@pytest.mark.parametrize(
    ("index", "variable"),
    [
        pytest.param(0, "PORT", marks=pytest.mark.slow),
        (1, "PORTAL_PORT"),
        pytest.param(2, "RESOURCE_PORT", marks=pytest.mark.slow),
        pytest.param(3, "MAIL_PORT", marks=pytest.mark.slow),
        pytest.param(4, "EXAMPLE_PORT", marks=pytest.mark.slow),
    ],
)
def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path, index: int, variable: str) -> None:
    ports = free_ports(5)
    with socket.create_server(("127.0.0.1", ports[index])):
        demo = Demonstration(tmp_path / "demo", ports)
        assert demo.wait_for_end() == 1
    assert f"Port {ports[index]}" in demo.output
    assert f"make run {variable}=" in demo.output
    assert "Traceback" not in demo.output
    assert not (tmp_path / "demo").exists()


def test_what_is_secret_is_readable_by_its_owner_only(running: Demonstration) -> None:
    demo = running
    secret = {demo.folder / "secrets.json", demo.folder / "keys" / "master.key"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in secret} == {0o600}
    assert stat.S_IMODE(demo.folder.stat().st_mode) == 0o700
    kept = json.loads((demo.folder / "secrets.json").read_text())
    hidden = [*kept["client_secrets"].values(), *kept["passwords"].values()]
    logs = "".join(log.read_text() for log in (demo.folder / "logs").iterdir())
    assert [word for word in hidden if word in logs] == []


def test_a_generated_password_satisfies_the_rules() -> None:
    for _ in range(100):
        password = new_password()
        assert len(password) >= 12
        assert all(re.search(kind, password) for kind in ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]"))
