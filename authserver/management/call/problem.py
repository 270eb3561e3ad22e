"""Refusals as problem details (RFC 9457 §3): what is wrong, and where in the request.

https://www.rfc-editor.org/rfc/rfc9457#section-3
"""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import ValidationError

from authserver.protocol.errors import ProtocolError
from authserver.server import NO_STORE, Reply

PROBLEM = ("Content-Type", "application/problem+json")


class ProblemError(ProtocolError):
    """A refusal with the faults of single fields: of each a text and a JSON pointer, or the name of a parameter."""

    def __init__(self, error: str, description: str, status: int, faults: Sequence[dict[str, str]] = ()) -> None:
        super().__init__(error, description, status=status)
        self.faults = faults


def problem_reply(error: ProtocolError) -> Reply:
    """A refusal as JSON. `error` is a short name for programs, `detail` is for people."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "error": error.error,
        "detail": error.description,
    }
    if isinstance(error, ProblemError) and error.faults:
        body["errors"] = list(error.faults)
    headers = (PROBLEM, *NO_STORE, *error.headers)
    return Reply(error.status, orjson.dumps(body), headers, error.detail, error.error, error.description)


def at(pointer: str, detail: str, status: int = 422, error: str = "invalid_request") -> ProblemError:
    """A refusal for one field of the body, named by its JSON pointer (RFC 6901)."""
    return ProblemError(error, "A field of the body is not valid.", status, [{"pointer": pointer, "detail": detail}])


def in_body(error: ValidationError) -> ProblemError:
    """What pydantic found in a body."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if found[0]["type"] == "json_invalid":
        return ProblemError("invalid_request", "The body is not valid JSON.", 400)
    faults = [{"pointer": pointer(each["loc"]), "detail": each["msg"]} for each in found]
    return ProblemError("invalid_request", "The body is not valid.", 422, faults)


def in_query(error: ValidationError, known: Iterable[str]) -> ProblemError:
    """What pydantic found in a query. The name of an unknown parameter is not repeated."""
    names = set(known)
    faults = [
        {"parameter": str(each["loc"][0]), "detail": each["msg"]}
        for each in error.errors(include_url=False, include_input=False, include_context=False)
        if each["loc"] and each["loc"][0] in names
    ]
    text = "The query is not valid. It may contain: " + ", ".join(sorted(names)) + "."
    return ProblemError("invalid_request", text, 400, faults)


def not_found(what: str) -> ProblemError:
    return ProblemError("not_found", f"There is no such {what}.", 404)


def pointer(way: tuple[int | str, ...]) -> str:
    return "#" + "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in way)
