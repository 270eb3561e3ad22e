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
    """Those that have access now; `authorizations` are all, what is over too."""
    authorizations: list[dict[str, Any]]
    all_sessions: list[dict[str, Any]]
    """Those of the last day that have ended, too."""
    known_browsers: list[dict[str, Any]]
    links: list[dict[str, Any]]
    """Sent by mail, to act with once: of which `kind`, and to which address."""
    recovery_codes: list[dict[str, Any]]
    factor_notices: list[dict[str, Any]]
    """When the person is next told that they need a second factor."""
    passkey_offers: list[dict[str, Any]]
    """Until when the person declined a passkey; null for good."""
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
