"""A person's own area: what they see and change of their own account, one page a file.

OWASP ASVS 5 §7.5 (a fresh sign-in before what matters). https://owasp.org/ASVS
"""

from collections.abc import Callable

from flask import Blueprint, Response

from authserver.account.activity import activity
from authserver.account.applications import applications
from authserver.account.delete import delete
from authserver.account.email import email
from authserver.account.export import export
from authserver.account.overview import overview
from authserver.account.password import password
from authserver.account.profile import profile
from authserver.account.sessions import sessions

READ, READ_AND_SEND = ("GET",), ("GET", "POST")
PAGES: tuple[tuple[str, str, Callable[[], Response], tuple[str, ...]], ...] = (
    ("/account", "overview", overview, READ),
    ("/account/profile", "profile", profile, READ_AND_SEND),
    ("/account/email", "email", email, READ_AND_SEND),
    ("/account/password", "password", password, READ_AND_SEND),
    ("/account/sessions", "sessions", sessions, READ_AND_SEND),
    ("/account/applications", "applications", applications, READ_AND_SEND),
    ("/account/activity", "activity", activity, READ),
    ("/account/export", "export", export, READ_AND_SEND),
    ("/account/delete", "delete", delete, READ_AND_SEND),
)

blueprint = Blueprint("account", __name__)
for rule, endpoint, view, methods in PAGES:
    blueprint.add_url_rule(rule, endpoint, view, methods=list(methods), provide_automatic_options=False)
