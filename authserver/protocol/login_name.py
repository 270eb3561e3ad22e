"""What a person may sign in with: a username or an e-mail address, each with one canonical form.

Two spellings of one are never two accounts, nor two counters of failed sign-ins (NIST SP 800-63B-4 §3.2.2).
"""

import unicodedata

from authserver.protocol.words import marked

MAX_USERNAME = 64
MAX_EMAIL = 254
MAX_LOGIN = MAX_EMAIL
_PUNCTUATION = frozenset("._-")


def canonical(login: str) -> str:
    """The one form that is stored, looked up and counted: NFKC, case folded, without spaces around it.

    What nobody can be called (too long, or with control characters) becomes the empty string.
    """
    if len(login) > 2 * MAX_LOGIN:
        return ""
    # Folding can undo the normal form, so it is taken again (Unicode §3.13, D145).
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold()).strip()
    return folded if len(folded) <= MAX_LOGIN and folded.isprintable() else ""


def username_fault(username: str) -> str | None:
    """Why this cannot be a username, or None. Without `@` it is never taken for an e-mail address."""
    name = canonical(username)
    if not name or len(name) > MAX_USERNAME:
        return f"a username has 1 to {MAX_USERNAME} characters"
    if not all(character.isalnum() or character in _PUNCTUATION for character in name):
        return "a username is made of letters, digits, '.', '_' and '-'"
    return None


def email_fault(email: str) -> str | None:
    """Why this cannot be an e-mail address, or None. Whether it exists only a message sent there can tell."""
    address = canonical(email)
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or "@" in local:
        return marked("an e-mail address is name@domain, 254 characters at most")
    if any(character.isspace() or character in '<>()[],;:\\"' for character in address):
        return marked("an e-mail address has no spaces, quotes or brackets")
    if "." not in domain or ".." in address or domain.startswith(("-", ".")) or domain.endswith(("-", ".")):
        return marked("the part after @ must be a domain such as example.com")
    return None


def username_from_email(email: str) -> str:
    """A username made out of an address; whether it is free only the store knows."""
    local = canonical(email).rpartition("@")[0]
    kept = "".join(character if character.isalnum() or character in _PUNCTUATION else "-" for character in local)
    return kept[: MAX_USERNAME - 8] or "person"
