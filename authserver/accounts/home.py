"""The page at the root: who is signed in, since when, the way on to what waits, and the way out."""

from flask import Response, make_response, render_template

from authserver.signin import visit


def home() -> Response:
    """Show the session of this browser, or how to begin one."""
    here = visit.resume()
    return make_response(
        render_template("home.html", person=here.person, session=here.session, waiting=here.waiting, onward=here.place)
    )
