"""Who must have a second factor, and from when on, as clients.yaml has it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from authserver.clients.entries.secret import Moment, seconds
from authserver.clients.file.names import KnownRole, listed_once
from authserver.protocol.factors.required import RequiredFactor


class SecondFactorEntry(BaseModel):
    """A second factor that is required from a date on."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    required_from: Moment
    """From this moment on, people who have no second factor must set one up before they go on; a date means its
    beginning, UTC. Until then they are told at sign-in, once a week."""

    roles: Annotated[list[KnownRole], AfterValidator(listed_once)] = []
    """It is required of people who have one of these roles, also by a group or a provider; if empty, of everyone."""

    @property
    def rule(self) -> RequiredFactor:
        """The rule that this declares."""
        return RequiredFactor(seconds(self.required_from), frozenset(self.roles))
