"""How it ends: RP-initiated logout.

OpenID Connect RP-Initiated Logout 1.0 https://openid.net/specs/openid-connect-rpinitiated-1_0.html
"""

from flask import Blueprint

from authserver.logout.end_session import confirmed, end_session

blueprint = Blueprint("logout", __name__)
blueprint.add_url_rule("/end_session", view_func=end_session, methods=["GET", "POST"], provide_automatic_options=False)
blueprint.add_url_rule("/end_session/confirmed", view_func=confirmed, methods=["POST"], provide_automatic_options=False)
