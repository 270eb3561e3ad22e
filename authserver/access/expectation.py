"""What must stay true of people and clients, written in clients.yaml as sentences: `ana in grafana has role Editor`."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from authserver.access.reach import reach
from authserver.protocol.client.registry import Registry

_MAY = re.compile(r"(?P<person>\S+) (?P<verb>may not|may) sign in to (?P<client>\S+)")
_HAS = re.compile(r"(?P<person>\S+)( in (?P<client>\S+))? (?P<verb>has no|has) (?P<kind>role|permission) (?P<name>\S+)")
FORMS = "write `ana may sign in to grafana`, `ana in grafana has role editor`, or `ana has no permission read:reports`"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One sentence, on this line of its file. `kind` says what `name` is; `client` is where it is said to hold.

    None is everywhere.
    """

    text: str
    person: str
    kind: Literal["role", "permission", "client"]
    name: str
    holds: bool
    client: str | None = None
    line: int = 1


def expectation(text: str, line: int = 1) -> Expectation | None:
    """What a sentence expects that stands on this line; None where it is no such sentence."""
    if said := _MAY.fullmatch(text):
        return Expectation(text, said["person"], "client", said["client"], said["verb"] == "may", line=line)
    if said := _HAS.fullmatch(text):
        kind: Literal["role", "permission"] = "role" if said["kind"] == "role" else "permission"
        return Expectation(text, said["person"], kind, said["name"], said["verb"] == "has", said["client"], line)
    return None


def disappointment(
    registry: Registry, expected: Expectation, roles: Collection[str], groups: Collection[str]
) -> str | None:
    """Why an expectation is not met of somebody who was given these roles and groups, or None where it is."""
    found = reach(registry, roles, groups)
    if expected.kind == "client":
        has = expected.name in found.clients
        return None if has is expected.holds else f"{_they(has)} sign in there"
    opened = expected.client is None or expected.client in found.clients
    if not opened:
        return f"they may not sign in to {expected.client}" if expected.holds else None
    if expected.kind == "role":
        has, counting = expected.name in found.roles, sorted(found.roles)
    else:
        counting = sorted({name for api, name in found.permissions if _calls(registry, expected.client, api)})
        has = expected.name in counting
    return None if has is expected.holds else f"the {expected.kind}s are {', '.join(counting) or 'none'}"


def _they(may: bool) -> str:
    return "they may" if may else "they may not"


def _calls(registry: Registry, client_id: str | None, api: str) -> bool:
    client = registry.client(client_id)
    return client is None or api in client.apis
