"""What a client would get for a person, claim by claim, or why they would be refused; nothing is issued."""

from collections.abc import Iterable

from authserver.explain.because import Because, ExplainedClaim
from authserver.explain.explanation import explain
from authserver.explain.question import Question
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.problem import ProblemError
from authserver.management.clients_file.answers import ExplainedRecord, ExplanationRecord, ReasonRecord
from authserver.management.clients_file.asked import ExplanationQuery
from authserver.management.people import known
from authserver.protocol.parameters import parse
from authserver.protocol.token.bearer import insufficient_scope
from authserver.server import Reply

# Its lines stand in clients.yaml, so whoever reads it sees clients, too.
_OF_CLIENTS = "read:clients"


def _explain(call: Call) -> Reply:
    if _OF_CLIENTS not in call.caller.permissions:
        raise insufficient_scope(_OF_CLIENTS)
    query: ExplanationQuery = call.query
    client = call.server.registered.shown(call.registry, query.client_id)
    if client is None:
        fault = {"parameter": "client_id", "detail": "There is no such client."}
        raise ProblemError("invalid_request", "The query names no client.", 400, [fault])
    server = call.server
    resources = parse(call.request.query).resources
    with server.database.read() as connection:
        question = Question(
            call.registry,
            server.settings.issuer,
            known(call, connection),
            client,
            query.scope,
            resources,
            query.provider,
            call.now,
            server.texts.way_to(client.client_id),
        )
        found = explain(connection, question, server.settings.access_token_lifetime)

    def reasons(listed: Iterable[Because]) -> list[ReasonRecord]:
        return [
            ReasonRecord(text=each.text, line=None if each.way is None else server.texts.line(each.way))
            for each in listed
        ]

    def claims(listed: Iterable[ExplainedClaim]) -> list[ExplainedRecord]:
        return [ExplainedRecord(name=each.name, value=each.value, reasons=reasons(each.reasons)) for each in listed]

    return given(
        ExplanationRecord(
            refusals=reasons(found.refusals),
            access_token=claims(found.access_token),
            id_token=claims(found.id_token),
            userinfo=claims(found.userinfo),
        )
    )


OPERATIONS = (
    Operation(
        "GET",
        "/users/{sub}/explanation",
        "explainAccess",
        "See what a client would get for a person, and why",
        "read:users",
        _explain,
        ExplanationQuery,
        gives=ExplanationRecord,
    ),
)
