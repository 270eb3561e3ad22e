"""A level of authentication as clients.yaml declares it: the ways that reach it, or that nothing can phish it."""

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from authserver.clients.file.faults import FileFault, quoted
from authserver.clients.file.names import KnownMethod, Shape, listed_once, rule
from authserver.clients.file.source import Source
from authserver.protocol.acr import PHISHING_RESISTANT, Ways


def _way(value: object) -> object:
    """One method stands for a list of it alone."""
    return [value] if isinstance(value, str) else value


Methods = Annotated[list[KnownMethod], Field(min_length=1)]
Way = Annotated[
    Methods, BeforeValidator(_way, json_schema_input_type=KnownMethod | Methods), AfterValidator(listed_once)
]


def _each_needed(ways: list[list[str]]) -> list[list[str]]:
    for index, way in enumerate(ways):
        for other in (*ways[:index], *ways[index + 1 :]):
            if set(other) <= set(way) and (set(other) != set(way) or ways.index(other) < index):
                raise rule(f"{_said(way)} adds nothing: {_said(other)} alone reaches this level")
    return ways


def _said(way: list[str]) -> str:
    return way[0] if len(way) == 1 else f"[{', '.join(map(quoted, way))}]"


def _not_said_already(name: str) -> str:
    if name in {"0", "1"}:
        # What was given before levels were declared would count as having reached it.
        raise rule(f"{name} is what tokens say where no level was declared: choose another name")
    return name


LevelName = Annotated[
    str,
    Shape(
        r"^[!#-\[\]-~]{1,100}$",
        "must be 1 to 100 printable ASCII characters without space, quote or backslash",
    ),
    AfterValidator(_not_said_already),
]


class LevelEntry(BaseModel):
    """A level: exactly one of any and phishing_resistant."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={"oneOf": [{"required": [name]} for name in ("any", "phishing_resistant")]},
    )

    any: Annotated[list[Way], Field(min_length=1), AfterValidator(_each_needed)] | None = None
    """The ways that reach it, any of which will do: each a method, or a list of methods that must all have been used.
    `pwd`: a password. `otp`: a code of an authenticator app. `passkey`. `recovery_code`. `provider`: a sign-in at an
    upstream provider, whatever that asked for."""

    phishing_resistant: bool | None = None
    """`true`: only what no other site can get out of a person, which is a passkey."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.any is None) == (self.phishing_resistant is None):
            raise rule(
                "must have exactly one of any and phishing_resistant, such as {any: [passkey, [pwd, otp]]} or "
                "{phishing_resistant: true}"
            )
        if self.phishing_resistant is False:
            raise rule("nothing reaches this level: write phishing_resistant: true, or say what does with any")
        return self


def ways_of(entry: LevelEntry) -> Ways:
    """The ways of a sound entry."""
    return PHISHING_RESISTANT if entry.any is None else tuple(frozenset(way) for way in entry.any)


def levels(source: Source, issuer: str) -> Iterator[FileFault]:
    """Every fault about levels, in the plain data."""
    declared = _mapping(source.data, "acr")
    first: dict[str, str] = {}
    for name, level in declared.items():
        alike = first.setdefault(name.casefold(), name)
        if alike != name:
            line = source.place(("acr", alike), of_key=True)[0]
            what = f"differs from {quoted(alike)} on line {line} in case alone: choose another name"
            yield source.fault(("acr", name), what, of_key=True)
        if _has_no_domain(issuer) and _needs_passkey(level):
            what = "nobody reaches this level: browsers have no passkeys for an IP address, which this issuer is"
            yield source.fault(("acr", name), what, of_key=True)
    yield from _of_services(source)


def _of_services(source: Source) -> Iterator[FileFault]:
    roles = _mapping(source.data, "roles")
    clients = source.data.get("clients") if isinstance(source.data, dict) else None
    for index, client in enumerate(clients if isinstance(clients, list) else []):
        listed = client.get("roles") if isinstance(client, dict) else None
        for place, name in enumerate(listed if isinstance(listed, list) else []):
            needed = _needed(roles, name)
            if needed is not None:
                what = (
                    f"this role counts for people who reached {quoted(needed)}, and a service signs nobody in: "
                    "give it a role without require"
                )
                yield source.fault(("clients", index, "roles", place), what)


def _needed(roles: dict[str, Any], name: object) -> str | None:
    """The level that a role needs, or one that it brings along."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, str) or each in seen:
            continue
        seen.add(each)
        role = roles.get(each)
        if isinstance(role, dict):
            if isinstance(role.get("require"), str):
                return str(role["require"])
            more = role.get("roles")
            waiting += more if isinstance(more, list) else []
    return None


def _needs_passkey(level: object) -> bool:
    ways = level.get("any") if isinstance(level, dict) else None
    if isinstance(ways, list) and ways:
        return all(way == "passkey" or (isinstance(way, list) and "passkey" in way) for way in ways)
    return isinstance(level, dict) and level.get("phishing_resistant") is True


def _has_no_domain(issuer: str) -> bool:
    try:
        ipaddress.ip_address(urlsplit(issuer).hostname or "")
    except ValueError:
        return False
    return True


def _mapping(value: object, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
