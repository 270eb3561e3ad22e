"""A POST with an Idempotency-Key acts once, however often it is sent within a day.

draft-ietf-httpapi-idempotency-key-header. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from authserver.management.call.operation import Call
from authserver.management.call.problem import ProblemError
from authserver.protocol.digest import digest
from authserver.store import Connection, idempotency

MOST = 255


def first_time(call: Call, connection: Connection) -> str | None:
    """None where the request acts now; else the id of what it made before."""
    key = _key(call)
    if key is None:
        return None
    request = digest(call.request.body.decode("utf-8", "replace"))
    found = idempotency.claim(connection, key, request, call.now)
    if found is None:
        return None
    if found.request != request:
        raise ProblemError("idempotency_key_reused", "This Idempotency-Key was used before with a different body.", 422)
    if found.made is None:
        raise ProblemError(
            "idempotency_key_in_use", "The first request with this Idempotency-Key is still in progress.", 409
        )
    return found.made


def settled(call: Call, connection: Connection, made: str) -> None:
    """Remember what the request made."""
    if (key := _key(call)) is not None:
        idempotency.settle(connection, key, made)


def _key(call: Call) -> bytes | None:
    key = call.request.header("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= MOST:
        raise ProblemError("invalid_request", f"An Idempotency-Key has 1 to {MOST} characters.", 400)
    # Of one caller and one operation: nobody learns from, or spoils, the keys of others.
    return digest("\0".join((call.caller.client_id, call.caller.name, call.operation, key)))
