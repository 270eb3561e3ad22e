"""The page at the root: who is signed in, since when, and the way out."""

from flask import Response, make_response, render_template

from authserver.accounts.session import current_person, current_session


def home() -> Response:
    """Show the session of this browser, or how to begin one."""
    person = current_person()
    return make_response(render_template("home.html", person=person, session=current_session()))
