"""A message as it lies in the outbox: sealed, since it can hold a link that resets a password."""

import json
from dataclasses import dataclass, field
from email import message_from_string
from email.message import EmailMessage
from email.policy import SMTP
from typing import Self

from authserver.master_key import MasterKey

# RFC 5322 in seven bits, whatever the server can take.
POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message and the `sub` of the person it concerns, if any."""

    sub: str | None
    message: EmailMessage = field(repr=False)

    def seal(self, master: MasterKey) -> bytes:
        """Under the first master key."""
        text = self.message.as_string(policy=POLICY)
        return master.seal(json.dumps({"sub": self.sub, "message": text}).encode())

    @classmethod
    def unseal(cls, sealed: bytes, master: MasterKey) -> Self:
        """Raises MasterKeyError where none of the keys sealed it."""
        kept = json.loads(master.unseal(sealed))
        return cls(kept["sub"], message_from_string(kept["message"], policy=POLICY))
