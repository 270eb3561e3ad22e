"""The part of the profile that an administrator declares: what the person may change, and what is only shown."""

from collections.abc import Mapping
from typing import Any

from flask import request

from authserver.pages.language import gettext
from authserver.protocol.person.known_claims import KnownClaims
from authserver.protocol.person.own_claims import OwnClaim
from authserver.store.users import User

# No standard claim has such a name, so no field is taken for another.
FIELD = "claim:"


def fields(known: KnownClaims) -> dict[str, OwnClaim]:
    """What a person may change, by the name of its field."""
    return {FIELD + name: claim for name, claim in known.own.items() if claim.changed_by == "person"}


def texts(known: KnownClaims, person: User) -> dict[str, str]:
    """The fields as they are filled in. What no longer has its type is not shown as if it were told."""
    return {
        field: claim.written(person.claims.get(claim.name))
        for field, claim in fields(known).items()
        if person.claims.get(claim.name) is None or claim.fault(person.claims[claim.name]) is None
    }


def only_shown(known: KnownClaims, person: User) -> list[tuple[str, str]]:
    """What administrators say of the person: the label and the value of each claim."""
    return [
        (claim.label, _shown(claim, person.claims[name]))
        for name, claim in known.own.items()
        if claim.changed_by == "administrator" and claim.fault(person.claims.get(name)) is None
    ]


def typed(known: KnownClaims) -> dict[str, str]:
    """The fields that were sent."""
    return {field: request.form[field] for field in fields(known) if field in request.form}


def values(known: KnownClaims, sent: Mapping[str, str]) -> dict[str, Any]:
    """The claims that the fields say, by name."""
    claims = fields(known)
    return {claims[field].name: claims[field].typed(text) for field, text in sent.items()}


def faults(known: KnownClaims, said: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, by field."""
    found = {name: known.own[name].fault(value) for name, value in said.items() if value is not None}
    return {FIELD + name: gettext(fault) for name, fault in found.items() if fault}


def _shown(claim: OwnClaim, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return claim.written(value).replace("\n", ", ")
