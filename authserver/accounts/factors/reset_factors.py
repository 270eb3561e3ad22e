"""`/reset-factors`: a link of an administrator's takes away the factors of somebody who has lost them.

Opening it spends nothing, sending the form spends it, once, and not before its time. It signs nobody in.
"""

from flask import Response, request, url_for

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.errors import error_page
from authserver.pages.fault import show
from authserver.pages.language import gettext, speak_to
from authserver.pages.redirect import see_page
from authserver.people.factors.reset import KIND, works_from
from authserver.store import links, users


def reset_factors() -> Response:
    """Say from when it works, ask whether it is meant, or do it."""
    if "done" in request.args:
        return show("accounts/factors/reset_done.html")
    server, token = current_server(), request.args.get("token", "")
    with server.database.read() as connection:
        link = links.find(connection, KIND, token, server.now())
        user = users.get(connection, link.sub) if link and link.sub else None
    speak_to(user)
    if link is None or user is None:
        return _gone()
    begins = works_from(link)
    if request.method == "GET" or server.now() < begins:
        is_early = server.now() < begins
        action = url_for("accounts.reset_factors", token=token)
        return show("accounts/factors/reset.html", person=user, begins=begins, is_early=is_early, action=action)
    with server.database.write() as connection:
        spent = links.spend(connection, KIND, token, server.now())
        person = users.get(connection, user.sub)
        if spent is not None and person is not None:
            people.reset_factors(people.change_of(server, connection), person)
            return see_page("accounts.reset_factors", done=1)
    return _gone()


def _gone() -> Response:
    return error_page(
        400,
        gettext("This link no longer works"),
        gettext("It was used already, has expired, was canceled, or was replaced by a newer one."),
        gettext("Ask your administrator for a new one."),
        button=(url_for("accounts.sign_in"), gettext("Sign in")),
    )
