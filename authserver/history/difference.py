"""What two versions of clients.yaml say differently: which entries came, went, or changed, and in which fields.

Of the digest of a secret its first characters are shown, which tell one from another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

Kind = Literal["added", "removed", "changed"]
# The sections of the file, with what one entry of each is called.
_SECTIONS = {
    "apis": "API",
    "roles": "role",
    "groups": "group",
    "claims": "claim",
    "clients": "client",
    "providers": "provider",
    "workload_issuers": "workload issuer",
}
_SHOWN_OF_A_DIGEST = 8
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Edit:
    """One field: `was` and `becomes`, each None where it stands there or stood there no more, or one item of a list."""

    field: str
    was: str | None
    becomes: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry, such as `client portal`, or a field of the whole file; `edits` where it changed."""

    kind: Kind
    subject: str
    edits: tuple[Edit, ...] = ()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Everything that differs in the data of two files, by section."""
    found: list[Difference] = []
    for section, name in _SECTIONS.items():
        found += _entries(name, _named(before.get(section)), _named(after.get(section)))
    for field in sorted((before.keys() | after.keys()) - _SECTIONS.keys()):
        if edits := tuple(_edits((), before.get(field), after.get(field))):
            found.append(Difference("changed", field, edits))
    return found


def _named(section: Any) -> Mapping[str, Any]:
    """The entries of a section by their names: a client's stands in it."""
    if isinstance(section, list):
        return {str(each.get("client_id")): each for each in section if isinstance(each, dict)}
    return section if isinstance(section, dict) else _NOTHING


def _entries(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key in sorted(after.keys() - before.keys()):
        yield Difference("added", f"{name} {key}")
    for key in sorted(before.keys() - after.keys()):
        yield Difference("removed", f"{name} {key}")
    for key in sorted(before.keys() & after.keys()):
        if before[key] != after[key]:
            yield Difference("changed", f"{name} {key}", tuple(_edits((), before[key], after[key])))


def _edits(way: tuple[str, ...], was: Any, becomes: Any) -> Iterator[Edit]:
    if was == becomes:
        return
    if isinstance(was, dict) and isinstance(becomes, dict) and not {"sha256", "env", "file"} & was.keys():
        for key in sorted(was.keys() | becomes.keys()):
            yield from _edits((*way, key), was.get(key), becomes.get(key))
    elif isinstance(was, list) and isinstance(becomes, list):
        gone, new = ([each for each in one if each not in other] for one, other in ((was, becomes), (becomes, was)))
        yield from (Edit(_field(way), _shown(each), None) for each in gone)
        yield from (Edit(_field(way), None, _shown(each)) for each in new)
        if not gone and not new:
            yield Edit(_field(way), _shown(was), _shown(becomes))
    else:
        yield Edit(_field(way), None if was is None else _shown(was), None if becomes is None else _shown(becomes))


def _field(way: tuple[str, ...]) -> str:
    return ".".join(way)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(_without_digests(value)).decode()


def _without_digests(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_digests(each) for each in value]
    if isinstance(value, dict):
        return {key: _short(each) if key == "sha256" else _without_digests(each) for key, each in value.items()}
    return value


def _short(digest: Any) -> str:
    return str(digest)[:_SHOWN_OF_A_DIGEST] + "…"
