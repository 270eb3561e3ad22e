"""The Dockerfile carried out in Debian folders, where no container engine is to be had: each RUN line as it stands."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUITE = "trixie"
_BOOTSTRAP = ("debootstrap", "--variant=minbase", "--include=python3,python3-venv,ca-certificates", SUITE)
# How the folder reaches the registries that this machine reaches: none of it stays in an image.
_BORROWED = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt")
_OF_PIP = ("PIP_", "SSL_CERT_", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "no_proxy")


@dataclass
class Image:
    """A stage: its folder, and what its instructions have set."""

    folder: Path
    environ: dict[str, str] = field(default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"})
    directory: str = "/"
    user: str = "root"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def arguments(self, *command: str) -> list[str]:
        """What runs a command in the folder as the image would, with its user, environment, and directory."""
        spec = [] if self.user == "root" else [f"--userspec={self._ids()}"]
        environ = [f"{name}={value}" for name, value in self.environ.items()]
        inside = 'cd "$0" && exec "$@"'
        return ["chroot", *spec, str(self.folder), "env", "-i", *environ, "sh", "-c", inside, self.directory, *command]

    def run(self, *command: str, **environ: str) -> str:
        """What the command prints; it succeeds."""
        arguments = self.arguments(*command)
        position = arguments.index("-i") + 1
        arguments[position:position] = [f"{name}={value}" for name, value in environ.items()]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def _ids(self) -> str:
        lines = (self.folder / "etc" / "passwd").read_text().splitlines()
        (found,) = [line.split(":") for line in lines if line.startswith(f"{self.user}:")]
        return f"{found[2]}:{found[3]}"


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """The instructions of a Dockerfile, with what follows each."""
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            yield name, rest


def debian(cache: Path) -> Path:
    """A bare Debian with Python, made once and kept."""
    folder, done = cache / f"debian-{SUITE}", cache / f"debian-{SUITE}.made"
    if not done.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        made = subprocess.run([*_BOOTSTRAP, str(folder)], capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout[-2000:]
        done.touch()
    return folder


def built(base: Path, folder: Path) -> Image:
    """The last stage of our Dockerfile."""
    stages: dict[str, Image] = {}
    image = Image(folder)
    for name, rest in instructions((ROOT / "Dockerfile").read_text()):
        match name:
            case "FROM":
                stage = rest.partition(" AS ")[2] or "last"
                image = stages[stage] = Image(folder / stage)
                subprocess.run(["cp", "--archive", str(base), str(image.folder)], check=True)
                for path in _BORROWED:
                    shutil.copyfile(path, image.folder / path.removeprefix("/"))
            case "RUN":
                passed = {key: value for key, value in os.environ.items() if key.startswith(_OF_PIP)}
                image.run("sh", "-c", rest, **passed | {"PIP_FIND_LINKS": "", "DEBIAN_FRONTEND": "noninteractive"})
            case "COPY":
                _copy(image, stages, shlex.split(rest))
            case "ENV":
                for each in shlex.split(rest):
                    key, _, value = each.partition("=")
                    image.environ[key] = value.replace("$PATH", image.environ["PATH"])
            case "WORKDIR":
                image.directory = rest
                (image.folder / rest.removeprefix("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                image.user = rest
            case "CMD":
                image.command = _listed(rest)
            case "HEALTHCHECK":
                image.health = _listed(rest.partition("CMD ")[2])
    return image


def _listed(text: str) -> list[str]:
    found: list[str] = json.loads(text)
    return found


def _copy(image: Image, stages: dict[str, Image], words: list[str]) -> None:
    source = ROOT
    if words[0].startswith("--from="):
        source = stages[words.pop(0).removeprefix("--from=")].folder
    *names, target = words
    there = image.folder / str(Path(image.directory, target)).removeprefix("/")
    for name in names:
        found = source / name.removeprefix("/")
        if found.is_dir():
            shutil.copytree(found, there, symlinks=True, dirs_exist_ok=True, ignore=_ignored)
        else:
            there.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, there)


def _ignored(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__"} if str(_folder).startswith(str(ROOT)) else set()
