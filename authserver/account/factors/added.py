"""A factor was added, and proven with that: on to what waits, by way of the recovery codes that come with the first."""

from flask import Response, url_for

from authserver.pages.fault import show
from authserver.pages.redirect import see_page
from authserver.signin.factors.set_up import Added, SettingUp


def go_on(who: SettingUp, added: Added) -> Response:
    """Show the codes, if there are any, or lead on, in the session that has the factor now."""
    visit = who.visit
    if added.codes:
        onward = visit.url if visit.goal is not None else url_for("account.factors")
        response = show("account/factors/codes.html", person=who.person, codes=added.codes, onward=onward)
    else:
        response = visit.onward() if visit.goal is not None else see_page("account.factors")
    return added.begun.put_into(response) if added.begun else response
