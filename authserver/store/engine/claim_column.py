"""The column of the table of people that holds a claim."""

from typing import Any

from sqlalchemy import Boolean, Column, String, Text, false

from authserver.protocol.person.claims import PersonClaim


def claim_column(claim: PersonClaim) -> Column[Any]:
    """A column of its type; an object is kept as JSON."""
    if claim.type == "boolean":
        return Column(claim.name, Boolean, nullable=False, default=False, server_default=false())
    return Column(claim.name, Text if claim.type == "object" else String(claim.length))
