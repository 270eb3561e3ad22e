"""What the API answers of a person beside their record: linked sign-ins, and everything that is stored."""

from typing import Any

from authserver.management.call.outputs import Answer


class PersonData(Answer):
    """Everything that is kept about a person, without secrets: the file that they can download themselves."""

    account: dict[str, Any]
    picture: dict[str, Any] | None
    """The uploaded one: its `type`, its bytes as `base64`, and when it was uploaded, `changed_at`."""
    sessions: list[dict[str, Any]]
    second_factors: list[dict[str, Any]]
    recovery_codes_left: int
    identities: list[dict[str, Any]]
    """At providers."""
    applications: list[dict[str, Any]]
    activity: list[dict[str, Any]]
    """The last 100,000 events that concern the person, the oldest first."""


class IdentityRecord(Answer):
    """An account at a provider that a person signs in with."""

    id: str
    provider: str
    issuer: str
    subject: str
    email: str | None
    created_at: int
    last_used_at: int


class IdentitiesList(Answer):
    """The linked sign-ins of a person, the oldest first."""

    items: list[IdentityRecord]
