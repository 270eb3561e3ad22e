"""`/account/profile`: what a person says of themselves (OpenID Connect Core §5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, request
from flask_babel import get_locale

from authserver import people
from authserver.account import own_claims
from authserver.account.pickers import PICKERS, choices
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, show
from authserver.pages.language import gettext
from authserver.pages.redirect import see_page
from authserver.protocol.person.claims import GROUPS, PROFILE, PersonClaim, of_fields, value_fault
from authserver.protocol.person.known_claims import KnownClaims
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User

FIELDS = {
    name: field
    for claim in PROFILE.values()
    # A picture is uploaded, on a page of its own.
    if claim.changed_by == "person" and claim.name != "picture"
    for name, field in claim.fields()
}
# Open from the start; the other parts open where they hold something.
OPEN = ("name", "language")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the form: its fields by name, and whether it is shown open."""

    title: str
    fields: dict[str, PersonClaim]
    is_open: bool


@signed_in("profile")
def profile(person: User, _session: Session) -> Response:
    """Show the profile, or replace it."""
    server = current_server()
    known = server.registry.known
    if request.method == "GET":
        kept = _kept(person) | own_claims.texts(known, person)
        return _page(known, person, kept, {}, is_done="done" in request.args)
    typed = {name: field.typed(request.form.get(name)) for name, field in FIELDS.items() if name in request.form}
    sent = own_claims.typed(known)
    claims = own_claims.values(known, sent)
    faults = _faults(typed) | own_claims.faults(known, claims)
    if faults:
        return _page(known, person, typed | sent, faults)
    with server.database.write() as connection:
        change = people.change_of(server, connection)
        people.change_profile(change, person, of_fields(typed, person.profile), claims, known)
    return see_page("account.profile", done=1)


def _kept(person: User) -> dict[str, str | None]:
    kept: dict[str, str | None] = {}
    for claim in PROFILE.values():
        value = person.profile[claim.name]
        for name, field in claim.fields():
            kept[name] = (value or {}).get(field.name) if claim.members else value
    return kept


def _faults(typed: Mapping[str, str | None]) -> dict[str, str]:
    found = {name: value_fault(FIELDS[name], text) for name, text in typed.items() if text}
    return {name: gettext(fault) for name, fault in found.items() if fault}


def _parts(typed: Mapping[str, str | None]) -> list[Part]:
    parts = []
    for group, title in GROUPS.items():
        # Nobody is bothered with it who has no address in one piece.
        fields = {
            name: field
            for name, field in FIELDS.items()
            if field.group == group and (field.name != "formatted" or typed.get(name))
        }
        parts.append(Part(title, fields, group in OPEN or any(map(typed.get, fields))))
    return parts


def _page(
    known: KnownClaims,
    person: User,
    typed: Mapping[str, str | None],
    faults: dict[str, str],
    *,
    is_done: bool = False,
) -> Response:
    fault = Fault("Nothing has been saved yet. Correct the fields marked below.") if faults else None
    return show(
        "account/profile.html",
        person=person,
        parts=_parts(typed),
        own=own_claims.fields(known),
        only_shown=own_claims.only_shown(known, person),
        typed=typed,
        picked={name: choices(name, typed.get(name), str(get_locale())) for name in PICKERS},
        faults=faults,
        fault=fault,
        is_done=is_done,
    )
