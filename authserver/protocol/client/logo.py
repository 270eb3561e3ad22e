"""A picture that stands for a client or a provider on our pages."""

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture, served from here."""

    content: bytes = field(repr=False)
    content_type: str

    @property
    def digest(self) -> str:
        """What its address changes with."""
        return sha256(self.content).hexdigest()[:24]
