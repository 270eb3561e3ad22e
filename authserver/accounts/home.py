"""The page at the root: who is signed in, since when, the way on to what waits, and the way out."""

from flask import Response

from authserver.pages.fault import show
from authserver.signin.visit import resume_visit


def home() -> Response:
    """Show the session of this browser, or how to begin one."""
    visit = resume_visit()
    return show("home.html", person=visit.person, session=visit.session, waiting=visit.waiting, onward=visit.url)
