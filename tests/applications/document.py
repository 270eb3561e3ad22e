"""The lines of docs/applications.md, with the addresses of this machine in the place of its examples."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import yaml

from tests.flows.registry import digest

DOCUMENT = Path(__file__).parents[2] / "docs" / "applications.md"
SECRET = "a-secret-of-an-application".ljust(43, "x")
_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HOST = re.compile(r"https://([a-z0-9-]+)\.example\.com")


@dataclass(frozen=True, slots=True)
class Section:
    """What the document says of an application: the entry in clients.yaml, and the application's own lines."""

    entry: str
    configurations: tuple[str, ...]


def sections() -> dict[str, Section]:
    """Every application by its heading."""
    found = {}
    for heading, text in _SECTION.findall(DOCUMENT.read_text(encoding="utf-8")):
        blocks = [block for _language, block in _BLOCK.findall(text)]
        if blocks and "client_id: " in blocks[0]:
            found[heading] = Section(blocks[0], tuple(blocks[1:]))
    return found


def here(text: str, addresses: Mapping[str, str]) -> str:
    """A text with these addresses for the hosts of the document, by the first label of each, and a real secret."""
    for host in set(_HOST.findall(text + text.replace("%3A%2F%2F", "://"))):
        if host in addresses:
            there = f"https://{host}.example.com"
            text = text.replace(there, addresses[host]).replace(quote_plus(there), quote_plus(addresses[host]))
    return text.replace("<the secret>", SECRET).replace("<a long random text>", SECRET)


def clients_yaml(addresses: Mapping[str, str] | None = None) -> str:
    """All entries of the document as one clients.yaml, with the two roles that it names."""
    whole: dict[str, Any] = {"apis": {}, "roles": {"app-user": [], "app-admin": {"roles": ["app-user"]}}, "clients": []}
    for section in sections().values():
        entry = yaml.safe_load(here(section.entry, addresses or {}))
        if isinstance(entry, dict):
            whole["apis"] |= entry["apis"]
            entry = entry["clients"]
        whole["clients"] += entry
    for client in whole["clients"]:
        if "secrets" in client:
            client["secrets"] = [{"sha256": digest(SECRET)}]
    return yaml.safe_dump(whole, sort_keys=False)
