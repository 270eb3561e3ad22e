"""Which client a workload may act as and what it would get there, or why none lets it (RFC 7523)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from authserver.access.effective import all_roles
from authserver.explain.because import Because, ExplainedClaim, Way
from authserver.explain.explanation import Explanation
from authserver.explain.question import UNIQUE
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.access_token import Grantee, HandedOn, access_token_claims
from authserver.protocol.token.reach import reach_of_service
from authserver.protocol.upstream.workload import Workload, WorkloadIssuer

# How many of those that are registered are compared with one that is none of them.
MOST_COMPARED = 3


@dataclass(frozen=True, slots=True)
class WorkloadQuestion:
    """A workload of this issuer with this subject and these claims; `ways` lead to the entries of clients.

    `client_id`, `scope` and `resources` are what it sends, if it does. `now` is in seconds since the epoch.
    """

    registry: Registry
    own_issuer: str
    issuer: WorkloadIssuer
    subject: str
    claims: Mapping[str, str]
    now: int
    ways: Mapping[str, Way]
    client_id: str | None = None
    scope: str | None = None
    resources: tuple[str, ...] = ()

    def at(self, client: Client, *keys: str | int) -> Way | None:
        """The way to a field of a client's entry."""
        way = self.ways.get(client.client_id)
        return None if way is None else (*way, *keys)

    def listed(self, workload: Workload, client: Client) -> Way | None:
        """The way to a workload in its client's entry."""
        return self.at(client, "workloads", client.workloads.index(workload), "subject")


def explain_workload(question: WorkloadQuestion, default_lifetime: int) -> Explanation:
    """Explain what a workload would get. `default_lifetime` of access tokens is in seconds."""
    asked = [
        (workload, client)
        for workload, client in question.registry.workloads[question.issuer.name]
        if question.client_id in (None, client.client_id)
    ]
    found = [each for each in asked if each[0].has_subject(question.subject) and not _wrong(question, each[0])]
    clients = {client.client_id: client for _, client in found}
    if len(clients) > 1:
        reasons = tuple(
            Because(f"{client.client_id} lets it in", question.listed(workload, client)) for workload, client in found
        )
        return Explanation((Because("several clients let it act as them: it must send client_id"), *reasons))
    if not found:
        return Explanation(tuple(_why_not(question, asked)) or (Because("no client lets in workloads of this issuer"),))
    try:
        return Explanation((), tuple(_claims(question, *found[0], default_lifetime)))
    except ProtocolError as error:
        return Explanation((Because(f"the request is refused with {error.error}: {error.description}"),))


def _why_not(question: WorkloadQuestion, asked: list[tuple[Workload, Client]]) -> Iterator[Because]:
    for workload, client in sorted(asked, key=lambda each: -each[0].likeness(question.subject))[:MOST_COMPARED]:
        what = f"{client.client_id} lets in {workload.subject}"
        if workload.has_subject(question.subject):
            wrong, wanted = _wrong(question, workload), dict(workload.claims)
            what += ", with " + ", ".join(f"{name}: {wanted[name]}" for name in wrong)
        yield Because(what, question.listed(workload, client))


def _wrong(question: WorkloadQuestion, workload: Workload) -> list[str]:
    return workload.other_claims(question.claims)


def _claims(
    question: WorkloadQuestion, workload: Workload, client: Client, default_lifetime: int
) -> Iterator[ExplainedClaim]:
    registry = question.registry
    roles = all_roles(registry, client.roles)
    reach = reach_of_service(registry, client, roles, question.own_issuer, question.scope, question.resources)
    actor = {"iss": question.issuer.issuer, "sub": question.subject}
    claims = access_token_claims(
        registry,
        client,
        Grantee(client.client_id, roles),
        reach,
        issuer=question.own_issuer,
        jti=UNIQUE,
        now=question.now,
        default_lifetime=default_lifetime,
        handed_on=HandedOn(actor),
    )
    api = registry.audiences.get(reach.audiences[0])
    reasons = {
        "iss": Because("the setting AUTHSERVER_ISSUER"),
        "sub": Because(f"{client.client_id} lets in {workload.subject}", question.listed(workload, client)),
        "aud": Because("the API", ("apis", api.name, "audience") if api and api.name != "authserver" else None),
        "client_id": Because("the client", question.at(client, "client_id")),
        "act": Because("the workload", ("workload_issuers", question.issuer.name)),
        "roles": Because("the client's own, and what they bring along", question.at(client, "roles")),
        "permissions": Because("what these roles give of the API", question.at(client, "apis")),
    }
    for name, value in claims.items():
        yield ExplainedClaim(name, value, (reasons[name],) if name in reasons else ())
