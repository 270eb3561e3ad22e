"""A person who makes an account: who may, and how a name is kept."""

from authserver.protocol.email_address import is_at
from authserver.server import Server


def tidy(text: str | None, longest: int) -> str | None:
    """A name as it is kept: in one line, without what cannot be printed; None where nothing is left."""
    kept = "".join(character for character in text or "" if character.isprintable())
    return " ".join(kept.split())[:longest].strip() or None


def is_allowed_to_sign_up(server: Server, email: str) -> bool:
    """Whether the settings let this address make an account."""
    settings = server.settings
    return settings.signup == "open" or is_at(email, settings.signup_domain_keys)
