"""Which client a workload may act as and what it would get there, or why none lets it (RFC 7523)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from authserver.explain.because import Because, ExplainedClaim, Way
from authserver.explain.by_itself import ServiceQuestion, refused_request
from authserver.explain.entries import header
from authserver.explain.explanation import Explanation
from authserver.explain.service_token import service_claims
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.token.access_token import HandedOn
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
    workload, client = found[0]
    way = question.ways.get(client.client_id)
    asks = ServiceQuestion(
        question.registry, question.own_issuer, client, question.scope, question.resources, question.now, way
    )
    refused = tuple(refused_request(asks))
    if refused:
        return Explanation(refused)
    return Explanation((), tuple(_claims(question, asks, workload, default_lifetime)), header=header(asks))


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
    question: WorkloadQuestion, asks: ServiceQuestion, workload: Workload, default_lifetime: int
) -> Iterator[ExplainedClaim]:
    lets_in = f"{asks.client.client_id} lets in {workload.subject}"
    reasons = {
        "sub": (Because(lets_in, question.listed(workload, asks.client)),),
        "act": (Because("the workload", ("workload_issuers", question.issuer.name)),),
    }
    by = HandedOn({"iss": question.issuer.issuer, "sub": question.subject})
    for claim in service_claims(asks, default_lifetime, by):
        yield replace(claim, reasons=reasons.get(claim.name, claim.reasons))
