"""What a client would get for a person or for itself, claim by claim, or why it is refused; nothing is issued."""

from collections.abc import Iterable

from authserver.explain.because import Because, ExplainedClaim
from authserver.explain.by_itself import ServiceQuestion, explain_service
from authserver.explain.explanation import Explanation, explain
from authserver.explain.question import Question
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.problem import ProblemError, not_found
from authserver.management.clients_file.answers import ExplainedRecord, ExplanationRecord, ReasonRecord
from authserver.management.clients_file.asked import ClientExplanationQuery, ExplanationQuery
from authserver.management.people import known
from authserver.protocol.parameters import parse
from authserver.protocol.token.bearer import insufficient_scope
from authserver.server import Reply, Server

# Its lines stand in clients.yaml, so whoever reads it sees clients, too; and roles, for which `read:users` is needed.
_OF_CLIENTS = "read:clients"


def _explain(call: Call) -> Reply:
    _must_see_clients(call)
    query: ExplanationQuery = call.query
    server, client = call.server, call.server.registered.shown(call.registry, query.client_id)
    if client is None:
        fault = {"parameter": "client_id", "detail": "There is no such client."}
        raise ProblemError("invalid_request", "The query names no client.", 400, [fault])
    with server.database.read() as connection:
        question = Question(
            call.registry,
            server.settings.issuer,
            known(call, connection),
            client,
            query.scope,
            parse(call.request.query).resources,
            query.provider,
            call.now,
            server.texts.way_to(client.client_id),
            server.settings.signin_by_mail,
        )
        return _answer(server, explain(connection, question, server.settings.access_token_lifetime))


def _explain_client(call: Call) -> Reply:
    _must_see_clients(call)
    query: ClientExplanationQuery = call.query
    server, client = call.server, call.server.registered.shown(call.registry, call.argument("client_id"))
    if client is None:
        raise not_found("client")
    question = ServiceQuestion(
        call.registry,
        server.settings.issuer,
        client,
        query.scope,
        parse(call.request.query).resources,
        call.now,
        server.texts.way_to(client.client_id),
    )
    return _answer(server, explain_service(question, server.settings.access_token_lifetime))


def _must_see_clients(call: Call) -> None:
    if _OF_CLIENTS not in call.caller.permissions:
        raise insufficient_scope(_OF_CLIENTS)


def _answer(server: Server, found: Explanation) -> Reply:
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
            notes=reasons(found.notes),
            header=claims(found.header),
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
    Operation(
        "GET",
        "/clients/{client_id}/explanation",
        "explainClient",
        "See what a client would get for itself, and why",
        "read:users",
        _explain_client,
        ClientExplanationQuery,
        gives=ExplanationRecord,
    ),
)
