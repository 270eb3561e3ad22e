"""The wheel carries everything the server needs, and works away from the checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
# The guard has a wheel of its own besides: see tests/guard/test_wheel.py.
GUARDS_OWN = {"guard/pyproject.toml", "guard/README.md"}
# What a person who installed the wheel does, in an empty folder.
USE = """
import json, authserver
from authserver import create_app
from authserver.cli.context import load_settings, open_database
from authserver.store.upkeep import migrations

settings = load_settings()
migrations.upgrade(open_database(settings))
client = create_app(settings).test_client()
ours = f"{settings.scheme}://{settings.authority}"
print(json.dumps({
    "from": authserver.__file__,
    "/sign-in": client.get("/sign-in", base_url=ours).status_code,
    "/static/pages.css": client.get("/static/pages.css").status_code,
    "/readyz": client.get("/readyz").json["status"],
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("authserver-*.whl")
    return wheel


def files(folder: Path) -> set[str]:
    found = {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    return {str(path.relative_to(folder)) for path in found if not path.name.startswith(".")}


def test_the_wheel_holds_the_package_its_migrations_templates_and_static_files_and_nothing_else(wheel: Path) -> None:
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = {f"authserver/{name}" for name in files(ROOT / "authserver") - GUARDS_OWN}
    expected |= {f"authserver/migrations/{name}" for name in files(ROOT / "migrations")}
    deployed = {f"deploy/{part}/{name}" for part in ("caddy", "systemd") for name in files(ROOT / "deploy" / part)}
    expected |= {f"authserver/deployed/{name}" for name in deployed | {"compose.yaml", "deploy/nginx.conf"}}
    assert names == expected
    assert {"authserver/templates/base.html", "authserver/migrations/env.py", "authserver/py.typed"} < names


@pytest.mark.slow
def test_the_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    installed, folder = tmp_path / "installed", tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "clients.yaml").write_text("apis: {}\nroles: {}\nclients: []\n")
    with ZipFile(wheel) as archive:
        archive.extractall(installed)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=folder,
        env=environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said.pop("from") == str(installed / "authserver" / "__init__.py")
    assert said == {"/sign-in": 200, "/static/pages.css": 200, "/readyz": "ready"}
