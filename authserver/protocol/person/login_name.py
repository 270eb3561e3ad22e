"""What a person types to say who they are: a username or an email address, which alone has an `@`.

Two spellings of one are never two accounts, nor two counters of failed sign-ins (NIST SP 800-63B-4 §3.2.2).
"""

import re
from dataclasses import dataclass
from typing import Literal

from authserver.protocol.person.email_address import MAX_EMAIL, email_fault, email_key
from authserver.protocol.person.username import is_of_one_script, username_fault, username_key

MAX_LOGIN = MAX_EMAIL
# Joiners have a meaning in some scripts, and in their domains (RFC 5892 appendix A).
_JOINERS = {0x200C: None, 0x200D: None}
_FINAL_SIGMA = re.compile(r"(?<=\w)σ(?=[._-]|$)")


def as_typed(login: str) -> str:
    """What was typed, without spaces around it.

    What nobody can be called (too long, or with characters that cannot be printed) becomes the empty string.
    """
    if len(login) > 2 * MAX_LOGIN:
        return ""
    kept = login.strip()
    return kept if len(kept) <= MAX_LOGIN and kept.translate(_JOINERS).isprintable() else ""


def login_key(login: str) -> str:
    """The form of what was typed that is looked up and counted."""
    name = as_typed(login)
    return email_key(name) if "@" in name else username_key(name)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about a login that was given under other rules than those of today."""

    code: Literal["address_invalid", "domain_compares_as", "username_invalid", "username_mixed", "username_spelled"]
    text: str


def findings(username: str, email: str | None) -> list[Finding]:
    """What an administrator should know about the logins of an account."""
    found = []
    domain, compared = ((each or "").rpartition("@")[2] for each in (email, email and email_key(email)))
    if email is not None and email_fault(email) is not None:
        found.append(Finding("address_invalid", "a new account could not have this address: mail may not arrive"))
    elif domain.lower() != compared:
        found.append(Finding("domain_compares_as", f"the domain of the address compares as {compared}"))
    if not is_of_one_script(username):
        found.append(
            Finding("username_mixed", "the username mixes scripts or uses a rare one: it could be mistaken for another")
        )
    elif username_fault(username) is not None:
        found.append(Finding("username_invalid", "a new account could not have this username; it keeps working"))
    elif (spelled := _FINAL_SIGMA.sub("ς", username)) != username:
        found.append(
            Finding("username_spelled", f"the username is not {spelled}, which its owner may be used to typing")
        )
    return found
