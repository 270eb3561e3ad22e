"""Who answers: the pages to sign in and out, to sign up, to take an invitation and to set a forgotten password anew.

OpenID Connect Core §3.1.2.3: https://openid.net/specs/openid-connect-core-1_0.html#Authenticates
OpenID Connect Initiating User Registration 1.0: https://openid.net/specs/openid-connect-prompt-create-1_0.html
NIST SP 800-63B-4: https://pages.nist.gov/800-63-4/sp800-63b.html
OWASP ASVS 5: https://github.com/OWASP/ASVS
"""

from authserver.accounts.factors.add_factor import add_factor
from authserver.accounts.factors.factor import factor
from authserver.accounts.factors.passkey import passkey
from authserver.accounts.factors.reset_factors import reset_factors
from authserver.accounts.factors.set_up import set_up
from authserver.accounts.forgot import forgot
from authserver.accounts.home import home
from authserver.accounts.invite import invite
from authserver.accounts.mailed_code import mailed_code
from authserver.accounts.mailed_code_job import MailedCode
from authserver.accounts.recovery import Recovery
from authserver.accounts.reset import reset
from authserver.accounts.sign_in import sign_in
from authserver.accounts.sign_out import sign_out
from authserver.accounts.sign_up import sign_up
from authserver.accounts.verify import verify
from authserver.http.mount import READ, READ_AND_SEND, SEND, Mount
from authserver.server import Server

PAGES = (
    ("/", home, READ),
    ("/sign-in", sign_in, READ_AND_SEND),
    ("/sign-in/passkey", passkey, SEND),
    ("/sign-in/mail", mailed_code, READ_AND_SEND),
    ("/sign-in/factor", factor, READ_AND_SEND),
    ("/sign-in/set-up", set_up, READ_AND_SEND),
    ("/sign-in/add-factor", add_factor, READ_AND_SEND),
    ("/reset-factors", reset_factors, READ_AND_SEND),
    ("/sign-out", sign_out, SEND),
    ("/sign-up", sign_up, READ_AND_SEND),
    ("/verify", verify, READ_AND_SEND),
    ("/invite", invite, READ_AND_SEND),
    ("/forgot", forgot, READ_AND_SEND),
    ("/reset", reset, READ_AND_SEND),
)


def mount(server: Server) -> Mount:
    return Mount("accounts", pages=PAGES, jobs=(Recovery(server), MailedCode(server)))
