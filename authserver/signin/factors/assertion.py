"""An answer of a passkey: checked, and taken once."""

from dataclasses import dataclass

from authserver.events import emit
from authserver.pages.browser import browser_digest
from authserver.server import Server
from authserver.signin.factors import challenge, passkey
from authserver.signin.factors.passkey import Assertion, PasskeyError, Proven
from authserver.store import Connection
from authserver.store.factors import passkeys
from authserver.store.factors.passkeys import Passkey

SIGN_IN = "sign-in"


@dataclass(frozen=True, slots=True)
class CheckedPasskey:
    """A right answer that was not taken yet."""

    passkey: Passkey
    challenge: bytes
    proven: Proven


def request_options(server: Server, purpose: str, allowed: list[Passkey] | None = None) -> str:
    """What this browser is to prove, as JSON."""
    # Loaded when the first passkey is met: its library would be a fifth of every start.
    from authserver.signin.factors import ceremony

    made = challenge.new_challenge(server.master, purpose, browser_digest(), server.now())
    return ceremony.request_options(server.settings, made, allowed)


def check(server: Server, text: str, purpose: str, sub: str | None = None) -> CheckedPasskey:
    """Check an answer, for a `sub` or for whoever says who they are by it. Raises PasskeyError, with an event."""
    from authserver.signin.factors import ceremony

    known = None
    try:
        assertion = ceremony.read_assertion(text)
        with server.database.read() as connection:
            known = passkeys.find(connection, assertion.credential_id)
        return _check(server, assertion, known, purpose, sub)
    except PasskeyError as error:
        emit("user:passkey:failed", sub=known.sub if known else None, reason=str(error))
        raise


def _check(
    server: Server, assertion: Assertion, known: Passkey | None, purpose: str, sub: str | None
) -> CheckedPasskey:
    from authserver.signin.factors import ceremony

    if not challenge.is_ours(server.master, assertion.challenge, purpose, browser_digest(), server.now()):
        raise PasskeyError("challenge")
    if known is None:
        raise PasskeyError("unknown credential")
    # §7.2 step 6: who was not named before says it by the user handle.
    if (sub is None and assertion.user_handle is None) or (sub is not None and known.sub != sub):
        raise PasskeyError("another person's credential")
    return CheckedPasskey(known, assertion.challenge, ceremony.verified(server.settings, assertion, known))


def take(connection: Connection, checked: CheckedPasskey, now: int) -> tuple[str, ...]:
    """Take it, once, in the transaction of what it opens; returns how it was proven. Raises PasskeyError."""
    if not challenge.spend(connection, checked.challenge, now):
        raise PasskeyError("a challenge that was answered before")
    if not passkeys.use(
        connection, checked.passkey, checked.proven.sign_count, now, is_backed_up=checked.proven.is_backed_up
    ):
        emit("user:passkey:counter_went_back", sub=checked.passkey.sub)
        raise PasskeyError("the counter")
    return passkey.amr_of(checked.passkey)
