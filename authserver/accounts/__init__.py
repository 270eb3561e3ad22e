"""Who answers: signing in and out, and who is signed in.

OpenID Connect Core §3.1.2.3: https://openid.net/specs/openid-connect-core-1_0.html#Authenticates
NIST SP 800-63B-4: https://pages.nist.gov/800-63-4/sp800-63b.html
OWASP ASVS 5: https://github.com/OWASP/ASVS
"""

from flask import Blueprint

from authserver.accounts.home import home
from authserver.accounts.sign_in import sign_in
from authserver.accounts.sign_out import sign_out

blueprint = Blueprint("accounts", __name__)
blueprint.add_url_rule("/", view_func=home, methods=["GET"], provide_automatic_options=False)
blueprint.add_url_rule("/sign-in", view_func=sign_in, methods=["GET", "POST"], provide_automatic_options=False)
blueprint.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"], provide_automatic_options=False)
