"""What is answered about clients.yaml."""

from typing import Any

from authserver.management.call.outputs import Answer


class ConsequenceRecord(Answer):
    """One thing that the file would do: `lost`, `gained`, or only worth a look (`told`)."""

    effect: str
    subject: str
    what: str
    people: int | None
    """How many it concerns; null where it is nobody."""

    who: list[str]
    """Their usernames, if they were asked for."""


class DisappointedRecord(Answer):
    """A sentence of `expect` that would not hold, or was not looked at for want of a permission; and why."""

    text: str
    why: str
    line: int
    """Where it stands in the file, from 1."""


class RemarkRecord(Answer):
    """A warning about the file, which the one in force does not give. Line and column count from 1."""

    line: int
    column: int
    where: str
    what: str


class PlanRecord(Answer):
    """What the file would do instead of the one in force, what is lost first."""

    clients_version: str
    consequences: list[ConsequenceRecord]
    disappointed: list[DisappointedRecord]
    warnings: list[RemarkRecord]
    expected: int
    """How many sentences its `expect` has."""


class ReasonRecord(Answer):
    """A reason, with the line of clients.yaml that says it, if one does."""

    text: str
    line: int | None


class ExplainedRecord(Answer):
    """A claim and why it is as it is; null where it is left out."""

    name: str
    value: Any
    reasons: list[ReasonRecord]


class ExplanationRecord(Answer):
    """Why nothing would come of it, or the claims that would. A client by itself has an access token alone."""

    refusals: list[ReasonRecord]
    notes: list[ReasonRecord]
    """What is no refusal, but should be known."""

    header: list[ExplainedRecord]
    """Of the access token."""

    access_token: list[ExplainedRecord]
    id_token: list[ExplainedRecord]
    userinfo: list[ExplainedRecord]
