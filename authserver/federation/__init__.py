"""Who vouches: Google and any OpenID provider upstream, GitHub, and how their people become people here.

OpenID Connect Core, as its client: https://openid.net/specs/openid-connect-core-1_0.html
RFC 9700 §4.4, §4.7 (mix-up, forgery): https://www.rfc-editor.org/rfc/rfc9700
Account pre-hijacking: https://www.usenix.org/conference/usenixsecurity22/presentation/sudhodanan
"""

from functools import partial

from authserver.federation.backchannel import backchannel_logout
from authserver.federation.callback import callback
from authserver.federation.linked import linked
from authserver.federation.metadata import Upstreams
from authserver.federation.prove import prove
from authserver.federation.prove_by_code import prove_by_code
from authserver.federation.provider import EXTENSION, logo
from authserver.federation.sign_out import leave, signed_out
from authserver.federation.start import start
from authserver.http.machine import Endpoint
from authserver.http.mount import READ, READ_AND_SEND, Mount
from authserver.http.routes import LoadedEndpoints, Routes
from authserver.server import Server

PAGES = (
    ("/federation/<name>/start", start, READ_AND_SEND),
    ("/federation/<name>/callback", callback, READ),
    ("/federation/<name>/prove", prove, READ_AND_SEND),
    ("/federation/<name>/prove/code", prove_by_code, READ_AND_SEND),
    ("/federation/<name>/signed-out", signed_out, READ),
    ("/federation/<name>/logo", logo, READ),
    ("/account/linked", linked, READ_AND_SEND),
)


def mount(server: Server) -> Mount:
    # Signing out is another room's, which knows no provider.
    server.leave_upstream = leave
    upstreams = Upstreams(server.settings.upstream_timeout)
    endpoints = {"/{name}/backchannel-logout": Endpoint(partial(backchannel_logout, upstreams), methods=("POST",))}
    routes = Routes(server.settings.path + "/federation", lambda: LoadedEndpoints(endpoints), among_others=True)
    return Mount("federation", routes=(routes,), pages=PAGES, kept={EXTENSION: upstreams})
