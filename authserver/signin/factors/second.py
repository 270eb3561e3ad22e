"""A second factor, checked: a code of an authenticator app, or a recovery code, each of which counts once.

OWASP ASVS 5 §6.3.1, §6.5.1 (guesses are counted, and nothing is taken twice). https://owasp.org/ASVS
"""

from authserver import people
from authserver.master_key import MasterKey
from authserver.people import Change
from authserver.protocol.factors import totp as rule
from authserver.server import Server
from authserver.signin import credentials
from authserver.store import devices, signin_failures
from authserver.store.factors import totp
from authserver.store.users import User

# RFC 8176 §2; for a recovery code it has no value of its own.
TOTP, RECOVERY_CODE = ("otp", "mfa"), ("mfa",)


class WrongFactorError(Exception):
    """Not a code of this person, or one that was taken already: nobody is told which."""


def count_guess(server: Server, user: User, device: str | None) -> bytes:
    """Count a guess before it is looked at; returns what it is counted under. Raises `ThrottledError`.

    A device that has signed this person in is counted for itself, as with passwords.
    """
    with server.database.read() as connection:
        is_known = devices.is_known(connection, device, user.sub, server.now())
    account = signin_failures.factor_account(user.sub, device if is_known else None)
    credentials.count(server, user, account)
    return account


def kind_of(typed: str) -> str:
    """What somebody typed if it is right, in the words of levels: `otp` or `recovery_code`."""
    return "otp" if rule.is_code(typed.replace(" ", "")) else "recovery_code"


def take(change: Change, master: MasterKey, user: User, typed: str) -> tuple[str, ...]:
    """Take a code, in the transaction of what it opens; returns how it was proven. Raises `WrongFactorError`."""
    digits = typed.replace(" ", "")
    if rule.is_code(digits):
        if _take_totp(change, master, user, digits):
            return TOTP
    elif people.use_recovery_code(change, user, typed):
        return RECOVERY_CODE
    raise WrongFactorError


def _take_totp(change: Change, master: MasterKey, user: User, digits: str) -> bool:
    for app in totp.of_person(change.connection, user.sub):
        secret = master.try_unseal(app.sealed)
        step = rule.matching_step(secret.decode(), digits, change.now) if secret is not None else None
        if step is not None:
            return totp.spend(change.connection, user.sub, app.id, step, change.now)
    return False
