"""What a changed clients.yaml would do, for whoever is not where the database is, such as a pipeline."""

from dataclasses import asdict
from threading import Lock

from authserver.access.expectation import expectation
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.problem import ProblemError
from authserver.management.clients_file.answers import (
    ConsequenceRecord,
    DisappointedRecord,
    PlanRecord,
    RemarkRecord,
)
from authserver.management.clients_file.asked import PlannedFile
from authserver.plan.plan import plan as compare
from authserver.protocol.client.proposal import Proposal
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.bearer import insufficient_scope
from authserver.server import Reply

_OF_PEOPLE = "read:users"
_MOST_FAULTS = 100
# One after another: reading a file and walking through everybody is work, and requests for tokens come first.
_turn = Lock()


def _plan(call: Call) -> Reply:
    asked: PlannedFile = call.body
    knows_people = _OF_PEOPLE in call.caller.permissions
    if asked.who and not knows_people:
        raise insufficient_scope(_OF_PEOPLE)
    if not _turn.acquire(blocking=False):
        text = "Another plan is being worked out. Try again shortly."
        raise ProtocolError("temporarily_unavailable", text, status=429, headers=(("Retry-After", "5"),))
    try:
        return given(_planned(call, asked, knows_people=knows_people))
    finally:
        _turn.release()


def _planned(call: Call, asked: PlannedFile, *, knows_people: bool) -> PlanRecord:
    server, size = call.server, call.server.settings.access_token_size
    before, after = server.texts.in_force(size), server.texts.proposed(asked.file.encode(), size)
    if after.registry is None:
        raise _refused(after)
    # What counts was sound when it was taken: without the files that it names it is still.
    registries = before.registry or call.registry, after.registry
    sentences = [expectation(text, line) for line, text in after.expected] if knows_people else []
    with server.database.read() as connection:
        found = compare(
            connection,
            *registries,
            call.now,
            server.registered.fit,
            expected=filter(None, sentences),
            with_names=asked.who,
            with_secrets=False,
        )
    known = {warning.what for warning in before.warnings}
    disappointed = [DisappointedRecord.model_validate(asdict(each)) for each in found.disappointed]
    if not knows_people:
        # Whether they hold tells of people; that they were not looked at must not pass for a yes.
        why = f"not looked at: it takes the permission {_OF_PEOPLE}"
        disappointed = [DisappointedRecord(text=text, why=why, line=line) for line, text in after.expected]
    return PlanRecord(
        clients_version=call.registry.version,
        consequences=[ConsequenceRecord.model_validate(asdict(each)) for each in found.consequences],
        disappointed=disappointed,
        warnings=[RemarkRecord.model_validate(asdict(each)) for each in after.warnings if each.what not in known],
        expected=len(after.expected),
    )


def _refused(proposal: Proposal) -> ProblemError:
    faults = [{"pointer": "#/file", "detail": str(each)} for each in proposal.faults[:_MOST_FAULTS]]
    return ProblemError("invalid_file", "The file would be refused.", 422, faults)


OPERATIONS = (
    Operation(
        "POST",
        "/plan",
        "planClients",
        "See what a changed clients.yaml would do",
        "plan:clients",
        _plan,
        body=PlannedFile,
        gives=PlanRecord,
    ),
)
