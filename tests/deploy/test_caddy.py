"""TLS by Caddy in front of the containers."""

import os
from typing import Any

import pytest
import yaml

from tests.deploy.programs import LONGEST_STOP, ROOT, judged

FOLDER = ROOT / "deploy" / "caddy"
CADDYFILE = FOLDER / "Caddyfile"


class Overriding(yaml.SafeLoader):
    """Compose's `!override` puts a list in the place of another."""


def _plain(loader: Overriding, node: yaml.SequenceNode) -> list[Any]:
    return list(loader.construct_sequence(node))


Overriding.add_constructor("!override", _plain)


def overlay() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((FOLDER / "compose.yaml").read_text(), Overriding)  # noqa: S506 - a SafeLoader
    return found


def test_caddy_accepts_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "LOGIN_HOST", "login.example.com")
    arguments = ("validate", "--config", CADDYFILE, "--adapter", "caddyfile")
    done = judged("caddy", *arguments, how="apt-get install caddy")
    assert done.returncode == 0, done.stderr


def test_it_keeps_probes_inside_and_drops_what_could_pass_for_the_address() -> None:
    text = CADDYFILE.read_text()
    assert "@inside path /healthz /readyz" in text
    assert "header_up -X_Forwarded_For" in text


def test_the_overlay_changes_services_that_are_there() -> None:
    base = yaml.safe_load((ROOT / "compose.yaml").read_text())
    found = overlay()
    assert found["services"].keys() <= base["services"].keys()
    named = {mount.partition(":")[0] for mount in found["services"]["proxy"]["volumes"]}
    assert {name for name in named if not name.startswith(".")} == found["volumes"].keys()
    assert all((ROOT / name).exists() for name in named if name.startswith("."))
    assert found["services"]["proxy"]["cap_drop"] == ["ALL"]


def test_compose_waits_longer_than_the_server_takes_to_stop() -> None:
    base = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert int(base["services"]["authserver"]["stop_grace_period"].removesuffix("s")) > LONGEST_STOP
