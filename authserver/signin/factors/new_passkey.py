"""A passkey that a browser makes, for one session: asked for, and read from its answer.

WebAuthn Level 3 §7.1. https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential
"""

from flask import request

from authserver.events import emit
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.fault import Fault
from authserver.pages.language import gettext
from authserver.protocol.factors.authenticators import name_of
from authserver.protocol.person.profile import tidy
from authserver.signin.factors import challenge
from authserver.signin.factors.passkey import PasskeyError, UntrustedError
from authserver.store import Connection
from authserver.store.factors import passkeys
from authserver.store.factors.passkeys import NewPasskey
from authserver.store.factors.tables import NAME_LENGTH
from authserver.store.users import User

WRONG = Fault("That passkey couldn’t be added. Try again.")
UNTRUSTED = Fault("Passkeys of this kind aren’t accepted here. Use another device, or ask your administrator which.")
TAKEN = Fault("That passkey is in use already.")


def creation_options(person: User, sid: str) -> str:
    """What this browser is to make, as JSON."""
    # Loaded when the first passkey is met: its library would be a fifth of every start.
    from authserver.signin.factors import ceremony

    server = current_server()
    made = challenge.new_challenge(server.master, _purpose(person, sid), browser_digest(), server.now())
    with server.database.read() as connection:
        return ceremony.creation_options(server.settings, person, passkeys.of_person(connection, person.sub), made)


def sent_passkey(person: User, sid: str) -> NewPasskey:
    """The passkey that comes with the form. Raises PasskeyError."""
    from authserver.signin.factors import ceremony

    server, text = current_server(), request.form.get("credential", "")
    answered = ceremony.challenge_of_registration(text)
    if not challenge.is_ours(server.master, answered, _purpose(person, sid), browser_digest(), server.now()):
        raise PasskeyError("challenge")
    try:
        return ceremony.registered(server.settings, text, answered)
    except UntrustedError as error:
        emit("user:passkey:failed", sub=person.sub, reason=f"attestation: {error}")
        raise


def fault_of(error: PasskeyError) -> Fault:
    """What to say of a passkey that was not taken."""
    return UNTRUSTED if isinstance(error, UntrustedError) else WRONG


def spend_challenge(connection: Connection) -> None:
    """Take the challenge that it answers, once, in the transaction that keeps it. Raises PasskeyError."""
    from authserver.signin.factors import ceremony

    answered = ceremony.challenge_of_registration(request.form.get("credential", ""))
    if not challenge.spend(connection, answered, current_server().now()):
        raise PasskeyError("a challenge that was answered before")


def sent_name(made: NewPasskey) -> str:
    """What it is to be called."""
    return tidy(request.form.get("name"), NAME_LENGTH) or name_of(made.aaguid) or gettext("Passkey")


def _purpose(person: User, sid: str) -> str:
    return f"add {person.sub} {sid}"
