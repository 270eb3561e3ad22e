"""`/account/profile`: what a person says of themselves (OpenID Connect Core §5.1)."""

from collections.abc import Mapping

from flask import Response, render_template, request

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, answered
from authserver.pages.language import gettext
from authserver.pages.redirect import see_page
from authserver.protocol.person.claims import PROFILE, value_fault
from authserver.protocol.person.profile import tidy
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("profile")
def profile(person: User, _session: Session) -> Response:
    """Show the profile, or replace it."""
    if request.method == "GET":
        return _page(person, person.profile, {}, is_done="done" in request.args)
    typed = {name: tidy(request.form.get(name), claim.length) for name, claim in PROFILE.items()}
    faults = _faults(typed)
    if faults:
        return _page(person, typed, faults)
    server = current_server()
    with server.database.write() as connection:
        people.change_profile(people.change_of(server, connection), person, typed)
    return see_page("account.profile", done=1)


def _faults(typed: Mapping[str, str | None]) -> dict[str, str]:
    found = {name: value_fault(PROFILE[name], text) for name, text in typed.items() if text}
    return {name: gettext(fault) for name, fault in found.items() if fault}


def _page(person: User, typed: Mapping[str, str | None], faults: dict[str, str], *, is_done: bool = False) -> Response:
    fault = Fault("Nothing has been saved yet. Correct the fields marked below.") if faults else None
    page = render_template(
        "account/profile.html",
        person=person,
        claims=PROFILE.values(),
        typed=typed,
        faults=faults,
        fault=fault,
        is_done=is_done,
    )
    return answered(page, fault)
