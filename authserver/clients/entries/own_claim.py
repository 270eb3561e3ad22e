"""A claim about a person that an administrator declares."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from authserver.clients.file.names import ClaimScope, Name
from authserver.protocol.person.own_claims import OwnClaim, OwnType


class OwnClaimEntry(BaseModel):
    """A claim about a person beside the standard ones."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    scope: ClaimScope
    """The scope that opens it. Clients that list it under `scopes` may ask for it."""

    sentence: Name
    """What people read on the consent page, such as "See your department"."""

    type: OwnType = "string"
    """`string`, `integer`, `boolean`, or `list`, which is a list of strings."""

    changed_by: Literal["person", "administrator"] = "administrator"
    """Who may change it. `person`: the person on their profile page, and administrators."""

    label: Name | None = None
    """What it is called on the profile page. Default: its name."""


def own_claim(name: str, entry: OwnClaimEntry) -> OwnClaim:
    """The claim that an entry declares."""
    return OwnClaim(name, entry.scope, entry.sentence, entry.label or name, entry.type, entry.changed_by)
