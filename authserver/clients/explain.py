"""Turn what pydantic found into faults that say what is wrong and what was probably meant."""

import re
from collections.abc import Iterator

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from authserver.clients.entries.claims import ClaimNamesEntry, ClaimsEntry, IdTokenEntry
from authserver.clients.entries.client import AllowEntry, ClientEntry
from authserver.clients.entries.document import ApiEntry, ClientsDocument
from authserver.clients.entries.level import LevelEntry
from authserver.clients.entries.own_claim import OwnClaimEntry
from authserver.clients.entries.role import LIST, MAPPING, RoleEntry
from authserver.clients.entries.secret import NEVER_IN_CLEAR, SecretEntry
from authserver.clients.file.faults import FileFault, Keys, did_you_mean, nearest
from authserver.clients.file.scalars import BROKEN, kind_of
from authserver.clients.file.source import Source
from authserver.clients.providers.entry import ProviderEntry, UpstreamSecretEntry

# Words that other servers and libraries use.
_ALSO_KNOWN_AS = {
    "all": "any",
    "callbacks": "redirect_uris",
    "can_give": "may_give",
    "client_secret": "secrets",
    "secrets": "secret",
    "name": "label",
    "domains": "allowed_domains",
    "groups": "roles",
    "client_secret_hash": "secrets",
    "grants": "grant_types",
    "acr_values": "require_acr",
    "levels": "acr",
    "logout_uris": "post_logout_redirect_uris",
    "lifetime": "access_token_lifetime",
    "token_lifetime": "access_token_lifetime",
    "url": "audience",
    "expires_at": "expires",
    "value": "env",
}
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "datetime_type": "a date such as 2027-01-31",
}
_ALTERNATIVE = re.compile(r"'([^']*)'")


def explain(error: ValidationError, source: Source) -> Iterator[FileFault]:
    """One fault for each error, at its place; a field that is missing because it is misspelt is one fault, not two."""
    details = error.errors(include_url=False)
    unknown = [_way(detail) for detail in details if detail["type"] == "extra_forbidden"]
    misspelt = {(*keys[:-1], _field_meant(keys)) for keys in unknown}
    for detail in details:
        is_absent = detail["type"] == "missing" or detail["input"] == []
        if is_absent and _way(detail) in misspelt:
            continue
        if detail["input"] is not BROKEN or detail["type"] in {"missing", "rule"}:
            yield _fault(detail, source)


def _way(detail: ErrorDetails) -> Keys:
    return tuple(key for key in detail["loc"] if key not in {LIST, MAPPING})


def _fault(detail: ErrorDetails, source: Source) -> FileFault:
    keys = _way(detail)
    if detail["type"] == "missing":
        return source.fault(keys, "is missing")
    if detail["type"] == "extra_forbidden":
        meant = _field_meant(keys)
        return source.fault(keys, f"unknown field; did you mean {meant}?" if meant else "unknown field", of_key=True)
    if keys[-1:] == ("[key]",):
        return source.fault(keys[:-1], _what(detail, keys), of_key=True)
    return source.fault(keys, _what(detail, keys))


def _what(detail: ErrorDetails, keys: Keys) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    what = "is not understood"
    if kind == "rule":
        what = str(context["what"])
    elif kind == "literal_error":
        what = _alternatives(_ALTERNATIVE.findall(str(context["expected"])), value)
    elif kind in {"greater_than_equal", "less_than_equal"}:
        what = f"must be at {'least' if 'ge' in context else 'most'} {context.get('ge', context.get('le'))}"
    elif kind == "too_short":
        what = "must not be empty"
    elif kind in _WANTED:
        what = f"must be {_WANTED[kind]}, but YAML reads {kind_of(value)} here"
        if "secrets" in keys[-2:] and kind in {"model_type", "list_type"} and value is not None:
            what = f"must be {_WANTED[kind]}; {NEVER_IN_CLEAR}"
        elif keys[:1] == ("providers",) and keys[2:] == ("secret",) and value is not None:
            what = "must be a mapping; a secret is never written here in clear text: write {env: NAME} or {file: path}"
        elif kind == "string_type" and value is not None and not isinstance(value, (dict, list)):
            what += ": put it in quotes"
    return what


def _alternatives(known: list[str], value: object) -> str:
    text = f"must be {' or '.join(filter(None, [', '.join(known[:-1]), known[-1]]))}"
    if not isinstance(value, str):
        return f"{text}, but YAML reads {kind_of(value)} here"
    meant = did_you_mean(value, known)
    return text + meant if meant.endswith("?") else text


def _field_meant(keys: Keys) -> str | None:
    name = str(keys[-1])
    fields = _model_at(keys[:-1]).model_fields
    meant = _ALSO_KNOWN_AS.get(name)
    while meant is not None and meant not in fields:
        meant = _ALSO_KNOWN_AS.get(meant)
    return meant or nearest(name, fields)


_ENTRIES: dict[object, type[BaseModel]] = {
    "acr": LevelEntry,
    "apis": ApiEntry,
    "claims": OwnClaimEntry,
    "clients": ClientEntry,
    "providers": ProviderEntry,
    "roles": RoleEntry,
}


# The models that stand under one name wherever it is.
_BY_NAME: dict[object, type[BaseModel]] = {"allow": AllowEntry, "claims": ClaimsEntry}


def _model_at(keys: Keys) -> type[BaseModel]:
    match keys:
        case (collection, _):
            return _ENTRIES.get(collection, ClientsDocument)
        case ("providers", _, "secret"):
            return UpstreamSecretEntry
        case (*_, "secrets", _):
            return SecretEntry
        case (*_, "claims", "id_token"):
            return IdTokenEntry
        case (*_, "claims", _):
            return ClaimNamesEntry
    return _BY_NAME.get(keys[-1], ClientsDocument) if keys else ClientsDocument
