"""Codes of an authenticator app: six digits, another every 30 seconds.

RFC 6238 §4, §5.2. https://www.rfc-editor.org/rfc/rfc6238#section-5.2
"""

import hmac

from pyotp import TOTP

PERIOD, DIGITS = 30, 6
# RFC 6238 §5.2: the clock of a phone may be one step behind, or ahead.
DRIFT = 1


def is_code(typed: str) -> bool:
    """Whether this has the shape of such a code."""
    return len(typed) == DIGITS and typed.isascii() and typed.isdigit()


def code_at(secret: str, step: int) -> str:
    """The code of a base32 secret in a step, of which each lasts 30 seconds since the epoch."""
    return TOTP(secret).generate_otp(step)


def matching_step(secret: str, typed: str, now: int) -> int | None:
    """The step around `now`, in seconds since the epoch, whose code this is. None for a wrong code.

    That each step counts once is the caller's to see to.
    """
    found = None
    if not is_code(typed):
        return found
    for step in range(now // PERIOD - DRIFT, now // PERIOD + DRIFT + 1):
        # Every step is compared, so that how long it takes says nothing.
        if hmac.compare_digest(code_at(secret, step), typed):
            found = step
    return found


def key_uri(secret: str, account: str, issuer: str) -> str:
    """What the QR code says to an app: https://github.com/google/google-authenticator/wiki/Key-Uri-Format."""
    # A colon would end the name of the issuer.
    return TOTP(secret).provisioning_uri(name=account.replace(":", " "), issuer_name=issuer.replace(":", " "))
