"""Everything that is kept about a person, handed to who answers their request for it."""

from authserver import people
from authserver.management.call.beyond import refuse_to_touch
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.person_outputs import PersonData
from authserver.management.people import known
from authserver.server import Reply


def _export(call: Call) -> Reply:
    database = call.server.database
    with database.write() as connection:
        user = known(call, connection)
        refuse_to_touch(call, user)
        people.export(call.change(connection), user)
    with database.read() as connection:
        return given(PersonData(**people.data_of(connection, user, call.now)))


OPERATIONS = (
    Operation(
        # It leaves an event and a letter, so it is no GET.
        "POST",
        "/users/{sub}/export",
        "exportPerson",
        "Get everything that is stored about a person",
        "export:users",
        _export,
        gives=PersonData,
    ),
)
