"""The second factors of a person: seen, and taken away from whoever has lost them."""

from dataclasses import asdict

from authserver import people
from authserver.management.call.beyond import refuse_to_touch
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.outputs import FactorRecord, FactorResetLink, FactorsList
from authserver.management.call.problem import not_found
from authserver.management.people import known
from authserver.server import Reply
from authserver.store.factors import held, recovery_codes


def _list(call: Call) -> Reply:
    with call.server.database.read() as connection:
        sub = known(call, connection).sub
        found, left = held.of_person(connection, sub), recovery_codes.left(connection, sub)
    items = [FactorRecord.model_validate(asdict(each)) for each in found]
    return given(FactorsList(items=items, recovery_codes_left=left))


def _reset(call: Call) -> Reply:
    with call.server.database.write() as connection:
        user = known(call, connection)
        refuse_to_touch(call, user)
        made = people.request_factor_reset(call.change(connection), user)
    if made is None:
        raise not_found("second factor")
    return given(FactorResetLink(**asdict(made)), 201)


_FACTORS = "/users/{sub}/factors"
OPERATIONS = (
    Operation("GET", _FACTORS, "listFactors", "See all second factors", "read:users", _list, gives=FactorsList),
    Operation(
        "POST",
        _FACTORS + "/reset",
        "resetFactors",
        "Make a link that removes all second factors",
        "write:users",
        _reset,
        gives=FactorResetLink,
        status=201,
    ),
)
