"""From a request to an operation and back, in one order for all: token, permission, query, body, answer."""

from collections.abc import Iterable

from pydantic import BaseModel, ValidationError

from authserver.http.machine import Endpoint
from authserver.management.call.caller import authenticated
from authserver.management.call.operation import Call, Operation
from authserver.management.call.problem import ProblemError, in_body, in_query, not_found, problem_reply
from authserver.protocol.parameters import parse
from authserver.protocol.token.bearer import insufficient_scope
from authserver.server import Reply, Request, Server


def endpoints(operations: Iterable[Operation]) -> dict[str, Endpoint]:
    """One endpoint for each path, with the methods that it has."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return {path: _endpoint(methods) for path, methods in by_path.items()}


def unknown() -> Endpoint:
    """What answers for a path that the API does not have."""

    def answer(_server: Server, _request: Request) -> Reply:
        raise not_found("path")

    return Endpoint(answer, ("GET", "POST", "PUT", "PATCH", "DELETE"), refuse=problem_reply)


def _endpoint(operations: dict[str, Operation]) -> Endpoint:
    def answer(server: Server, request: Request) -> Reply:
        return _answer(server, request, operations[request.method])

    return Endpoint(answer, tuple(operations), refuse=problem_reply)


def _answer(server: Server, request: Request, operation: Operation) -> Reply:
    registry = server.registry
    caller = authenticated(server, registry, request)
    if operation.permission not in caller.permissions:
        raise insufficient_scope(operation.permission)
    query = _query(operation.query, request)
    body = _body(operation.body, request)
    return operation.answer(Call(server, registry, caller, request, query, body, operation.name))


def _query(model: type[BaseModel] | None, request: Request) -> BaseModel | None:
    parameters = parse(request.query)
    parameters.refuse_faults()
    if model is None:
        if parameters.values:
            raise ProblemError("invalid_request", "This operation takes no query.", 400)
        return None
    try:
        return model.model_validate(dict(parameters.values))
    except ValidationError as error:
        raise in_query(error, model.model_fields) from None


def _body(model: type[BaseModel] | None, request: Request) -> BaseModel | None:
    if model is None:
        return None
    kind = request.media_type
    if kind not in {"application/json", "application/merge-patch+json"}:
        raise ProblemError("invalid_request", "Send the body as application/json.", 415)
    try:
        return model.model_validate_json(request.body)
    except ValidationError as error:
        raise in_body(error) from None
