"""No update is lost: a change names the version that it was made from.

RFC 9110 §13.1.1 (If-Match), RFC 6585 §3 (428). https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
"""

import re

from authserver.management.call.beyond import refuse_to_touch
from authserver.management.call.operation import Call
from authserver.management.call.problem import ProblemError, not_found
from authserver.store import Connection, directory, users
from authserver.store.users import User

_TAG = re.compile(r'"([1-9][0-9]{0,8})"')


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def held(call: Call, connection: Connection) -> User:
    """The person whom the path names, as the caller saw them, until the transaction ends.

    Refused where If-Match is missing or names another version, and where the caller may not change this person.
    """
    sub, version = call.argument("sub"), _version(call.request.header("If-Match"))
    held_now = directory.hold(connection, sub, version)
    user = users.get(connection, sub)
    if user is None:
        raise not_found("person")
    if not held_now:
        raise ProblemError("precondition_failed", "The person has changed since you read them. Read them again.", 412)
    refuse_to_touch(call, user)
    return user


def _version(if_match: str | None) -> int | None:
    if if_match is None:
        raise ProblemError("precondition_required", "Send If-Match with the ETag of the version you read.", 428)
    if if_match.strip() == "*":
        return None
    # A list would be of several versions, of which one request saw only one.
    match = _TAG.fullmatch(if_match.strip())
    return int(match[1]) if match else 0
