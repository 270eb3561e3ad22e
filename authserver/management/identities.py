"""The linked sign-ins of a person: seen, and taken away, but never the last way in."""

from dataclasses import asdict

from authserver import people
from authserver.management.call.beyond import refuse_to_touch
from authserver.management.call.operation import Call, Operation, given, nothing
from authserver.management.call.person_outputs import IdentitiesList, IdentityRecord
from authserver.management.call.problem import ProblemError, not_found
from authserver.management.people import known
from authserver.server import Reply
from authserver.store.upstream import identities

LAST = "This is the person's only way to sign in. Send them an invitation to choose a password first."


def _list(call: Call) -> Reply:
    with call.server.database.read() as connection:
        found = identities.of_person(connection, known(call, connection).sub)
    items = [IdentityRecord.model_validate(asdict(each) | {"id": people.id_of(each)}) for each in found]
    return given(IdentitiesList(items=items))


def _unlink(call: Call) -> Reply:
    providers = call.server.providers
    with call.server.database.write() as connection:
        user = known(call, connection)
        refuse_to_touch(call, user)
        change = call.change(connection)
        user, found = people.held(change, user)
        chosen = next((each for each in found if people.id_of(each) == call.argument("id")), None)
        if chosen is None:
            raise not_found("linked sign-in")
        if people.is_last_way_in(user, chosen, found, providers.keys()):
            raise ProblemError("conflict", LAST, 409)
        provider = providers.get(chosen.provider)
        people.unlink(change, user, chosen, label=provider.label if provider else chosen.provider)
    return nothing()


_IDENTITIES = "/users/{sub}/identities"
OPERATIONS = (
    Operation(
        "GET", _IDENTITIES, "listIdentities", "See all linked sign-ins", "read:users", _list, gives=IdentitiesList
    ),
    Operation(
        "DELETE",
        _IDENTITIES + "/{id}",
        "unlinkIdentity",
        "Remove one linked sign-in",
        "write:users",
        _unlink,
        status=204,
    ),
)
