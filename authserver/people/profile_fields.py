"""The table of claims as fields of a pydantic model: what the API and the lines of an import take."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from authserver.protocol.person.claims import NO_PROFILE, PROFILE, PersonClaim, merged, value_fault

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def profile_fields(*, shortest: int = 1) -> dict[str, Any]:
    """For `create_model`: an optional field for each claim of a profile, with its length and its check."""
    return {name: _field(claim, shortest) for name, claim in PROFILE.items()}


def profile_shown() -> dict[str, Any]:
    """For `create_model`: a field for each claim of a profile, as it is told."""
    types: dict[str, Any] = {"string": str | None, "boolean": bool}
    return {name: types.get(claim.type) or _shown(claim) for name, claim in PROFILE.items()}


def profile_of(given: Mapping[str, Any], kept: Mapping[str, Any] = NO_PROFILE) -> dict[str, Any]:
    """The claims among what these fields were given. Of an object, what was left out stays as it is kept (RFC 7396)."""
    return {
        name: merged(PROFILE[name], kept[name], value) if isinstance(value, dict) else value or PROFILE[name].nothing
        for name, value in given.items()
        if name in PROFILE
    }


def _field(claim: PersonClaim, shortest: int) -> Any:
    if claim.type == "boolean":
        return bool, False
    if claim.type == "object":
        return _object(claim, shortest) | None, None
    return _text(claim, shortest) | None, None


def _object(claim: PersonClaim, shortest: int) -> type[BaseModel]:
    members: dict[str, Any] = {member.name: (_text(member, shortest) | None, None) for member in claim.members}
    return create_model(claim.name.title(), __config__=_STRICT, **members)


def _shown(claim: PersonClaim) -> Any:
    members: dict[str, Any] = {member.name: (str | None, None) for member in claim.members}
    return create_model(f"Known{claim.name.title()}", **members) | None


def _text(claim: PersonClaim, shortest: int) -> Any:
    return Annotated[str, Field(min_length=shortest, max_length=claim.length), AfterValidator(partial(_checked, claim))]


def _checked(claim: PersonClaim, text: str) -> str:
    if text and (fault := value_fault(claim, text)):
        raise PydanticCustomError("claim", "{fault}", {"fault": fault})
    return text
