"""Write a clients.yaml and see what is made of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from authserver.clients.file.faults import ClientsFileError
from authserver.clients.load import LoadedFile, load

SECRET = "0123456789-0123456789-0123456789-A"
ENVIRON = {"PORTAL_SECRET": SECRET}
NOW = 1_800_000_000

SOUND = """\
apis:
  reports:
    audience: https://reports.example.com
    permissions:
      read:reports: Read reports
      write:reports: Write reports
roles:
  user: [read:reports]
  admin: ["admin:all"]
default_role: user
clients:
  - client_id: portal
    name: Team portal
    type: web
    secrets: [{env: PORTAL_SECRET}]
    redirect_uris: [https://portal.example.com/callback]
    apis: [reports]
"""


def load_text(folder: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> LoadedFile:
    """Load a text as clients.yaml."""
    path = folder / "clients.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ, NOW)


def faults_of(folder: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    """Every fault of a text, without the folder."""
    with pytest.raises(ClientsFileError) as refused:
        load_text(folder, text, environ)
    return [str(fault).replace(f"{folder}/", "") for fault in refused.value.faults]


def warnings_of(folder: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    """Every warning about a sound text, without the folder."""
    return [str(warning).replace(f"{folder}/", "") for warning in load_text(folder, text, environ).warnings]


def with_client(fields: str) -> str:
    """The sound file and one more client, `other`, whose fields are given as flow YAML; they begin in column 27."""
    return f"{SOUND}  - {{client_id: other, name: O, {fields}}}\n"
