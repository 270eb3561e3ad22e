"""Who vouches: Google and any OpenID provider upstream, GitHub, and how their people become people here.

OpenID Connect Core, as its client: https://openid.net/specs/openid-connect-core-1_0.html
RFC 9700 §4.4, §4.7 (mix-up, forgery): https://www.rfc-editor.org/rfc/rfc9700
Account pre-hijacking: https://www.usenix.org/conference/usenixsecurity22/presentation/sudhodanan
"""

from flask import Blueprint, Flask

from authserver.federation.backchannel import backchannel_logout
from authserver.federation.callback import callback
from authserver.federation.current import EXTENSION
from authserver.federation.linked import linked
from authserver.federation.logo import logo
from authserver.federation.prove import prove
from authserver.federation.prove_by_code import prove_by_code
from authserver.federation.sign_out import leave, signed_out
from authserver.federation.start import start
from authserver.federation.upstream import Upstreams
from authserver.server import Server

PAGES = (
    ("/federation/<name>/start", "start", start, ("GET", "POST")),
    ("/federation/<name>/callback", "callback", callback, ("GET",)),
    ("/federation/<name>/prove", "prove", prove, ("GET", "POST")),
    ("/federation/<name>/prove/code", "prove_by_code", prove_by_code, ("GET", "POST")),
    ("/federation/<name>/signed-out", "signed_out", signed_out, ("GET",)),
    ("/federation/<name>/backchannel-logout", "backchannel_logout", backchannel_logout, ("POST",)),
    ("/federation/<name>/logo", "logo", logo, ("GET",)),
    ("/account/linked", "linked", linked, ("GET", "POST")),
)

blueprint = Blueprint("federation", __name__)
for rule, endpoint, view, methods in PAGES:
    blueprint.add_url_rule(rule, endpoint, view, methods=list(methods), provide_automatic_options=False)


def init_federation(app: Flask, server: Server) -> None:
    """Give the application what it knows of providers, and signing out the way on to them."""
    app.extensions[EXTENSION] = Upstreams(server.settings.upstream_timeout)
    server.leave_upstream = leave
