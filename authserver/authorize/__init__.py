"""What they ask: the authorization endpoint, the next step, consent, the response.

RFC 6749 §4.1 https://www.rfc-editor.org/rfc/rfc6749#section-4.1
OpenID Connect Core §3.1.2 https://openid.net/specs/openid-connect-core-1_0.html#AuthorizationEndpoint
RFC 9207 (iss) https://www.rfc-editor.org/rfc/rfc9207
"""

from flask import Blueprint

from authserver.authorize.at_once import authorize_at_once
from authserver.authorize.consent import consent
from authserver.authorize.endpoint import authorize, resume
from authserver.authorize.refused import refused

blueprint = Blueprint("authorize", __name__)
blueprint.add_url_rule("/authorize", view_func=authorize, methods=["GET", "POST"], provide_automatic_options=False)
blueprint.add_url_rule("/authorize/<handle>", view_func=resume, methods=["GET"], provide_automatic_options=False)
blueprint.add_url_rule("/consent", view_func=consent, methods=["GET", "POST"], provide_automatic_options=False)
blueprint.add_url_rule("/refused", view_func=refused, methods=["GET", "POST"], provide_automatic_options=False)

AT_ONCE = {"/authorize": authorize_at_once}
