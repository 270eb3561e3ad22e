"""`python -m docs.generate`: write the reference pages, and the JSON Schema of clients.yaml, from the models."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import annotated_types
from pydantic import BaseModel

from authserver.clients.entries.claims import ClaimNamesEntry, ClaimsEntry, IdTokenEntry
from authserver.clients.entries.client import AllowEntry, ClientEntry
from authserver.clients.entries.document import ApiEntry, ClientsDocument
from authserver.clients.entries.level import LevelEntry
from authserver.clients.entries.own_claim import OwnClaimEntry
from authserver.clients.entries.role import RoleEntry
from authserver.clients.entries.second_factor import SecondFactorEntry
from authserver.clients.entries.secret import SecretEntry
from authserver.clients.entries.workload import WorkloadEntry, WorkloadIssuerEntry
from authserver.clients.providers.entry import ProviderEntry, UpstreamSecretEntry
from authserver.clients.schema import field_docstrings, json_schema
from authserver.settings import Settings
from docs.events import events_reference
from docs.metrics import metrics_reference

FOLDER = Path(__file__).parent
UNITS = {"MINUTE": "minute", "HOUR": "hour", "DAY": "day"}
SETTINGS_HEAD = """# Settings

Made from the settings of `authserver/` by `make docs`.

Every setting is an environment variable. A file `.env` in the working directory is read too; the environment goes
before it. A duration is in seconds. Wrong or contradictory settings refuse to start, each with what to do about it, and
so does a name that looks like a misspelled setting; any other unknown name is a warning. What Kubernetes sets for a
Service named `authserver` (`PORT=tcp://…`, `SERVICE_HOST` and the like behind our prefix) is left alone.
"""
CLIENTS_HEAD = """# clients.yaml

Made from the model in `authserver/clients/` by `make docs`. [The example](../../clients.yaml) shows every part of it,
[the guide](../admin.md#clientsyaml) tells how it is changed, and [a JSON Schema](../clients.schema.json) lets an editor
complete it. An unknown field is a fault.
"""
ENTRIES: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The file", "the top", ClientsDocument),
    ("An API", "`apis.<name>`", ApiEntry),
    ("A role", "`roles.<name>`, where a list of permissions does not do", RoleEntry),
    ("A level of authentication", "`acr.<name>`", LevelEntry),
    ("A second factor that is required", "`second_factor`", SecondFactorEntry),
    ("A claim of your own", "`claims.<name>`", OwnClaimEntry),
    ("A client", "`clients[]`", ClientEntry),
    ("A secret", "`secrets[]` of a client or of an API", SecretEntry),
    ("Who may sign in", "`allow` of a client", AllowEntry),
    ("A workload", "`workloads[]` of a client", WorkloadEntry),
    ("Claims of a client", "`claims` of a client", ClaimsEntry),
    ("Names of claims", "`claims.access_token` and `claims.userinfo`", ClaimNamesEntry),
    ("Claims of an ID token", "`claims.id_token`", IdTokenEntry),
    ("A provider upstream", "`providers.<name>`", ProviderEntry),
    ("The secret of a provider", "`secret` of a provider", UpstreamSecretEntry),
    ("Who signs for workloads", "`workload_issuers.<name>`", WorkloadIssuerEntry),
)


def settings_reference() -> str:
    """The page about the settings."""
    return "\n".join([SETTINGS_HEAD, *_settings()])


def clients_reference() -> str:
    """The page about clients.yaml."""
    parts = [CLIENTS_HEAD]
    schemas = json_schema()
    for title, place, model in ENTRIES:
        schema = schemas if model is ClientsDocument else schemas["$defs"][model.__name__]
        about = f"{inspect.getdoc(model)} It stands at {place}."
        parts += [f"## {title}\n", f"{about}\n", "| field | value | |", "|---|---|---|", *_fields(model, schema), ""]
    return "\n".join(parts).rstrip() + "\n"


def _settings() -> Iterator[str]:
    schema = Settings.model_json_schema()["properties"]
    # From the class itself to its bases, so that the page begins with the issuer.
    for model in (each for each in Settings.__mro__ if each.__module__.startswith("authserver.")):
        (node,) = (each for each in ast.parse(inspect.getsource(model)).body if isinstance(each, ast.ClassDef))
        docstrings = field_docstrings(model)
        for source in (each for each in node.body if isinstance(each, ast.AnnAssign)):
            name = _target(source)
            field = Settings.model_fields[name]
            facts = [f"default: {_default(field.default, source.value)}", *_bounds(field.metadata)]
            if "enum" in schema[name]:
                facts.append(f"one of {_choices(schema[name])}")
            yield f"## `AUTHSERVER_{name.upper()}`\n"
            yield f"{_one_line(docstrings[name])}\n"
            yield f"*{'; '.join(facts)}*\n"


def _target(node: ast.AnnAssign) -> str:
    return ast.unparse(node.target)


def _default(value: Any, source: ast.expr | None) -> str:
    if value is None or value == ():
        return "none"
    if hasattr(value, "get_secret_value"):
        value = value.get_secret_value()
    words = _duration(source)
    return f"`{value}`" + (f" ({words})" if words else "")


def _duration(source: ast.expr | None) -> str:
    """`30 * DAY` as `30 days`; nothing where the source has a bare number."""
    if isinstance(source, ast.Call):
        source = next((each.value for each in source.keywords if each.arg == "default"), None)
    text = ast.unparse(source) if source else ""
    match = re.fullmatch(rf"(?:(\d+) \* )?({'|'.join(UNITS)})", text)
    if match is None:
        return ""
    count = match[1] or "1"
    return f"{count} {UNITS[match[2]]}{'' if count == '1' else 's'}"


def _bounds(metadata: list[Any]) -> Iterator[str]:
    for each in metadata:
        if isinstance(each, annotated_types.Ge):
            yield f"at least {each.ge}"
        elif isinstance(each, annotated_types.Le):
            yield f"at most {each.le}"


def _choices(schema: dict[str, Any]) -> str:
    return ", ".join(f"`{value}`" for value in schema["enum"])


def _fields(model: type[BaseModel], schema: dict[str, Any]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        property_ = schema["properties"][name]
        kind = _kind(property_)
        if field.is_required():
            kind += "; **required**"
        elif property_.get("default") not in (None, [], {}):
            kind += f"; default `{_as_in_yaml(property_['default'])}`"
        text = _one_line(property_["description"])
        yield f"| `{name}` | {kind} | {text} |"


def _as_in_yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(schema: dict[str, Any]) -> str:
    """What a JSON Schema allows, in words."""
    match schema:
        case {"anyOf": kinds} | {"oneOf": kinds}:
            named = dict.fromkeys(_kind(each) for each in kinds if each.get("type") != "null")
            kind = " or ".join(named)
        case {"$ref": reference}:
            title = _title(reference)
            kind = f"[{title.lower()}](#{title.lower().replace(' ', '-')})"
        case {"enum": _}:
            kind = _choices(schema)
        case {"type": "array", "items": items}:
            kind = f"list of {_kind(items)}"
        case {"type": "object", "patternProperties": values}:
            kind = f"mapping of names to {_kind(next(iter(values.values())))}"
        case {"type": "object", "additionalProperties": dict() as inner}:
            kind = f"mapping of names to {_kind(inner)}"
        case {"type": "boolean"}:
            kind = "`true` or `false`"
        case {"type": "integer", "minimum": least, "maximum": most}:
            kind = f"{least} to {most}"
        case {"type": "integer"}:
            kind = "number"
        case {"format": "date-time"}:
            kind = "date and time"
        case _:
            kind = str(schema.get("format", "text"))
    return kind


def _title(reference: str) -> str:
    name = reference.rpartition("/")[2]
    return next(title for title, _, model in ENTRIES if model.__name__ == name)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def clients_schema() -> str:
    """The JSON Schema of clients.yaml."""
    return json.dumps(json_schema(), indent=2) + "\n"


PAGES = {
    "reference/settings.md": settings_reference,
    "reference/clients.md": clients_reference,
    "reference/events.md": events_reference,
    "reference/metrics.md": metrics_reference,
    "clients.schema.json": clients_schema,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
