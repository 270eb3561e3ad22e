"""A person's own area: what they see and change of their own account, one page a file.

OWASP ASVS 5 §7.5 (a fresh sign-in before what matters). https://owasp.org/ASVS
"""

from authserver.account.activity import activity
from authserver.account.applications import applications
from authserver.account.delete import delete
from authserver.account.email import email
from authserver.account.export import export
from authserver.account.factors.announced import announced
from authserver.account.factors.app import app
from authserver.account.factors.codes import codes
from authserver.account.factors.factors import factors
from authserver.account.factors.offer import offer
from authserver.account.factors.passkey import new_passkey
from authserver.account.overview import overview
from authserver.account.password import password
from authserver.account.picture import MOST_BYTES, picture
from authserver.account.profile import profile
from authserver.account.sessions import sessions
from authserver.account.uploaded import uploaded
from authserver.http.mount import READ, READ_AND_SEND, Mount, Upload
from authserver.server import Server
from authserver.signin.session import cookie_name

PAGES = (
    ("/account", overview, READ),
    ("/account/profile", profile, READ_AND_SEND),
    ("/account/picture", picture, READ_AND_SEND),
    ("/picture/<handle>", uploaded, READ),
    ("/account/email", email, READ_AND_SEND),
    ("/account/password", password, READ_AND_SEND),
    ("/account/sessions", sessions, READ_AND_SEND),
    ("/account/applications", applications, READ_AND_SEND),
    ("/account/activity", activity, READ),
    ("/account/export", export, READ_AND_SEND),
    ("/account/factors", factors, READ_AND_SEND),
    ("/account/factors/app", app, READ_AND_SEND),
    ("/account/factors/passkey", new_passkey, READ_AND_SEND),
    ("/account/factors/offer", offer, READ_AND_SEND),
    ("/account/factors/announced", announced, READ_AND_SEND),
    ("/account/factors/codes", codes, READ_AND_SEND),
    ("/account/delete", delete, READ_AND_SEND),
)


def mount(server: Server) -> Mount:
    upload = Upload(MOST_BYTES, cookie_name(server.settings))
    return Mount("account", pages=PAGES, uploads={"/account/picture": upload})
