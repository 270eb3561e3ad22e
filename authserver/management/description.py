"""`/openapi.json`: the description of the API, made from its operations and models.

OpenAPI 3.1 https://spec.openapis.org/oas/v3.1.1.html
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from authserver.http.machine import Endpoint
from authserver.management.call.operation import Operation
from authserver.management.call.outputs import Problem
from authserver.management.call.problem import problem_reply
from authserver.protocol import management
from authserver.server import JSON, Reply, Request, Server

_REF = "#/components/schemas/{model}"
_IDS = {
    "sub": "^[A-Za-z0-9_-]{1,32}$",
    "sid": "^[A-Za-z0-9_-]{1,32}$",
    "id": "^[A-Za-z0-9_-]{1,32}$",
    "client_id": "^[!-.0-~]{1,200}$",
}
# By name: the attribute of an operation that asks for it, whether it must be there, and what it is.
_HEADERS: dict[str, tuple[str, bool, str, dict[str, int]]] = {
    "If-Match": ("precondition", True, "The ETag of the version you read, or `*` for any version.", {"minLength": 1}),
    "Idempotency-Key": (
        "repeatable",
        False,
        "A request repeated with the same key within a day is carried out only once.",
        {"minLength": 1, "maxLength": 255},
    ),
}


def describe(operations: Iterable[Operation], issuer: str) -> Endpoint:
    """The endpoint of the description: a public document, made once, when it is first asked for."""

    # It takes longer to make than all else at a start.
    @cache
    def body() -> bytes:
        return orjson.dumps(description(operations, issuer))

    def answer(_server: Server, _request: Request) -> Reply:
        return Reply(200, body(), (JSON, ("Cache-Control", "public, max-age=600")))

    return Endpoint(answer, ("GET",), refuse=problem_reply)


def description(operations: Iterable[Operation], issuer: str) -> dict[str, Any]:
    """The description as OpenAPI 3.1 has it."""
    listed = list(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Management of the authorization server",
            "version": "1",
            "description": "Ask for an access token with the audience of this API, by a client that is registered for "
            f"the API `{management.NAME}`. Times are whole seconds since the epoch.",
        },
        "servers": [{"url": issuer + management.PATH}],
        "paths": paths,
        "components": {
            "schemas": _schemas(listed),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt"},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Requires the permission `{operation.permission}`.",
        "security": [{"bearer": [operation.permission]}],
        "parameters": [*_in_path(operation.path), *_in_query(operation.query), *_in_headers(operation)],
        "responses": {
            str(operation.status): _answer(operation),
            "default": {
                "description": "Refused",
                "content": {"application/problem+json": {"schema": _reference(Problem)}},
            },
        },
    }
    if operation.body is not None:
        content = {"application/json": {"schema": _reference(operation.body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.gives is None:
        return {"description": "Done"}
    return {"description": "Done", "content": {"application/json": {"schema": _reference(operation.gives)}}}


def _in_path(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": _IDS[name]}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _in_query(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    if model is None:
        return []
    properties = model.model_json_schema()["properties"]
    return [
        {"name": name, "in": "query", "required": False, "description": schema.pop("description", ""), "schema": schema}
        for name, schema in ((name, _without_null(schema)) for name, schema in properties.items())
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what may be null may be left out."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    plain = {name: value for name, value in schema.items() if name not in {"anyOf", "title", "default"}}
    return plain | (kinds[0] if kinds else {}) | ({"default": schema["default"]} if schema.get("default") else {})


def _in_headers(operation: Operation) -> list[dict[str, Any]]:
    found = []
    for name, (attribute, required, about, limits) in _HEADERS.items():
        if getattr(operation, attribute):
            schema = {"type": "string", "pattern": "^[!-~]*$"} | limits
            found.append({"name": name, "in": "header", "required": required, "description": about, "schema": schema})
    return found


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _schemas(operations: list[Operation]) -> dict[str, Any]:
    modes: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}
    for each in operations:
        if each.body is not None:
            modes[each.body] = "validation"
        if each.gives is not None:
            modes[each.gives] = "serialization"
    _, schema = models_json_schema([*modes.items()], ref_template=_REF)
    found: dict[str, Any] = schema["$defs"]
    return found
