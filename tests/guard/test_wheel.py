"""The guard's own wheel, in an environment that has joserfc and cryptography and nothing else."""

import json
import subprocess
import sys
import time
import tomllib
import venv
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from tests.guard.issuer import AUDIENCE, Issuer

ROOT = Path(__file__).parents[2]
GUARD = ROOT / "authserver" / "guard"
# What a resource server does; the last line is what had to be imported for it.
USE = """
import json, sys
from authserver.guard.wsgi import Guard, WsgiGuard, current_token
import authserver.guard.asgi

issuer, audience, token = sys.argv[1:]
protect = WsgiGuard(Guard(issuer, audience))

def app(environ, start_response):
    start_response("200 OK", [])
    return [current_token(environ).sub.encode()]

def status(permission):
    said = []
    environ = {"HTTP_AUTHORIZATION": "Bearer " + token}
    b"".join(protect.require_permission(permission)(app)(environ, lambda status, headers: said.append(status)))
    return said[0]

print(json.dumps({
    "read": status("read:reports"),
    "delete": status("delete:reports"),
    "modules": sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names),
}))
"""
BARE = {"authserver", "joserfc", "cryptography", "cffi", "_cffi_backend", "_openssl", "pycparser", "typing_extensions"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(GUARD)], check=True)
    (wheel,) = folder.glob("authserver_guard-*.whl")
    return wheel


def project(path: Path) -> dict[str, object]:
    found: dict[str, object] = tomllib.loads(path.read_text())["project"]
    return found


def closure(names: list[str]) -> set[str]:
    """These distributions and those that they need here."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            needed = [Requirement(text) for text in distribution(name).requires or []]
            names += [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def install(wheel: Path, folder: Path) -> Path:
    """A new environment with the wheel and what it needs, taken from this one; returns its Python."""
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    with ZipFile(wheel) as archive:
        archive.extractall(packages)
    (metadata,) = packages.glob("authserver_guard-*.dist-info/METADATA")
    needed = [line.partition(": ")[2] for line in metadata.read_text().splitlines() if line.startswith("Requires-Dist")]
    for name in closure([Requirement(text).name for text in needed]):
        for file in distribution(name).files or []:
            top = packages / file.parts[0]
            if file.parts[0] != ".." and not top.exists():
                top.symlink_to(Path(str(distribution(name).locate_file(file.parts[0]))))
    return folder / "bin" / "python"


def test_the_guard_works_with_nothing_installed_but_joserfc_and_cryptography(
    wheel: Path, issuer: Issuer, tmp_path: Path
) -> None:
    now = int(time.time())
    token = issuer.token(iat=now, exp=now + 60)
    python = install(wheel, tmp_path / "bare")
    command = [str(python), "-I", "-W", "error", "-c", USE, issuer.url, AUDIENCE, token]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["read"], said["delete"]) == ("200 OK", "403 Forbidden")
    assert set(said["modules"]) - {"__main__"} <= BARE


def test_the_wheel_holds_the_guard_and_nothing_of_the_server(wheel: Path) -> None:
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == {
        f"authserver/guard/{path.relative_to(GUARD)}" for path in [*GUARD.rglob("*.py"), GUARD / "py.typed"]
    }


def test_the_guard_and_the_server_are_of_one_version() -> None:
    guard, server = project(GUARD / "pyproject.toml"), project(ROOT / "pyproject.toml")
    assert guard["version"] == server["version"]
    assert guard["requires-python"] == server["requires-python"]
    needed = guard["dependencies"]
    assert isinstance(needed, list)
    assert set(needed) <= set(server["dependencies"])  # type: ignore[call-overload]
