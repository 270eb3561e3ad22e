"""A message as it lies in the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_string
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Self

# RFC 5322 in seven bits, whatever the server can take.
POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message and the `sub` of the person it concerns, if any."""

    sub: str | None
    message: EmailMessage = field(repr=False)

    @property
    def payload(self) -> dict[str, Any]:
        """As a job has it, which keeps it sealed: it can hold a link that resets a password."""
        return {"sub": self.sub, "message": self.message.as_string(policy=POLICY)}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Self:
        """What `payload` was made of."""
        return cls(payload["sub"], message_from_string(payload["message"], policy=POLICY))
