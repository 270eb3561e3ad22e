"""`/account/profile`: what a person says of themselves (OpenID Connect Core §5.1)."""

from dataclasses import asdict

from flask import Response, render_template, request

from authserver import people
from authserver.protocol.profile import PROFILE_LENGTHS, locale_fault, picture_fault, tidy, zoneinfo_fault
from authserver.signin.signed_in import signed_in
from authserver.store.profiles import Profile
from authserver.store.sessions import Session
from authserver.store.users import User
from authserver.web.current import current_server
from authserver.web.fault import Fault, answered
from authserver.web.language import gettext
from authserver.web.redirect import see_page


@signed_in("profile")
def profile(person: User, _session: Session) -> Response:
    """Show the profile, or replace it."""
    if request.method == "GET":
        shown = Profile(*(getattr(person, name) for name in PROFILE_LENGTHS))
        return _page(person, shown, {}, is_done="done" in request.args)
    typed = Profile(**{name: tidy(request.form.get(name), most) for name, most in PROFILE_LENGTHS.items()})
    faults = _faults(typed)
    if faults:
        return _page(person, typed, faults)
    server = current_server()
    with server.database.write() as connection:
        people.change_profile(people.change_of(server, connection), person, asdict(typed))
    return see_page("account.profile", done=1)


def _faults(typed: Profile) -> dict[str, str]:
    found = {
        "picture": picture_fault(typed.picture) if typed.picture else None,
        "locale": locale_fault(typed.locale) if typed.locale else None,
        "zoneinfo": zoneinfo_fault(typed.zoneinfo) if typed.zoneinfo else None,
    }
    return {name: gettext(fault) for name, fault in found.items() if fault}


def _page(person: User, typed: Profile, faults: dict[str, str], *, is_done: bool = False) -> Response:
    fault = Fault("Nothing has been saved yet. Correct the fields marked below.") if faults else None
    page = render_template(
        "account/profile.html", person=person, typed=typed, faults=faults, fault=fault, is_done=is_done
    )
    return answered(page, fault)
