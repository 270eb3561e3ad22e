"""The address of a person: another one, or none, and whether it is known to be theirs.

OWASP ASVS 5 §6.3.7 (told to the old and to the new address). https://owasp.org/ASVS
"""

from authserver.people.change import Change
from authserver.store import addresses, users
from authserver.store.users import User


def change_email(change: Change, user: User, email: str | None, *, verified: bool) -> bool:
    """Replace the address; links that were sent to the old one are void. False where nothing changes.

    Raises `LoginError` where it is malformed or taken.
    """
    addresses.put(change.connection, user.sub, email, change.now, is_verified=verified)
    after = users.get(change.connection, user.sub) or user
    if after.email == user.email:
        if after.email_verified == user.email_verified:
            return False
        change.note("user:email:verified", user.sub, verified=after.email_verified)
        return True
    change.note("user:email:changed", user.sub)
    if user.email:
        # An address that was never proven may be a stranger's, mistyped: the right one is none of their business.
        named = after.email if user.email_verified else None
        change.tell(user, "email_changed", email=named, is_gone=after.email is None)
    if after.email:
        change.tell(after, "email_given")
    return True
