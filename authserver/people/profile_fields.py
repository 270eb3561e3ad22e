"""The table of claims as fields of a pydantic model: what the API and the lines of an import take."""

from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from authserver.protocol.person.claims import PROFILE, PersonClaim, value_fault


def profile_fields(*, shortest: int = 1) -> dict[str, Any]:
    """For `create_model`: an optional field for each claim of a profile, with its length and its check."""
    return {name: (_text(claim, shortest) | None, None) for name, claim in PROFILE.items()}


def _text(claim: PersonClaim, shortest: int) -> Any:
    return Annotated[str, Field(min_length=shortest, max_length=claim.length), AfterValidator(partial(_checked, claim))]


def _checked(claim: PersonClaim, text: str) -> str:
    if text and (fault := value_fault(claim, text)):
        raise PydanticCustomError("claim", "{fault}", {"fault": fault})
    return text
