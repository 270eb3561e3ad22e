"""The pages of ours that a link to the sign-in page can name: none leads off this site."""

import re
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page that the sign-in page leads to; a fresh one needs a sign-in of the last minutes (ASVS 7.5.1).

    `by_role`: it is for administrators, whose roles may require a level of authentication.
    """

    path: str
    fresh: bool = False
    by_role: bool = False


# The only ones that a link to the sign-in page can name: none leads off this site.
OWN_PAGES = {
    "account": OwnPage("/account"),
    "profile": OwnPage("/account/profile"),
    "picture": OwnPage("/account/picture"),
    "email": OwnPage("/account/email", fresh=True),
    "password": OwnPage("/account/password", fresh=True),
    "linked": OwnPage("/account/linked", fresh=True),
    "sessions": OwnPage("/account/sessions"),
    "applications": OwnPage("/account/applications"),
    "activity": OwnPage("/account/activity"),
    "export": OwnPage("/account/export", fresh=True),
    "factors": OwnPage("/account/factors", fresh=True),
    "delete": OwnPage("/account/delete", fresh=True),
    "verify": OwnPage("/verify"),
    "admin": OwnPage("/admin", by_role=True),
    "admin_people": OwnPage("/admin/people", fresh=True, by_role=True),
    "admin_import": OwnPage("/admin/people/import", fresh=True, by_role=True),
    "admin_new": OwnPage("/admin/people/new", fresh=True, by_role=True),
    "admin_registered": OwnPage("/admin/registered", fresh=True, by_role=True),
    "admin_keys": OwnPage("/admin/keys", fresh=True, by_role=True),
    "admin_events": OwnPage("/admin/events", fresh=True, by_role=True),
    "device": OwnPage("/device"),
}
# The page of one person, for an administrator who wants to change something there.
_OF_A_PERSON = re.compile(r"person:([A-Za-z0-9_-]{1,32})")

# The page on which an administrator tries a sign-in as one client; the id as clients.yaml may have it.
_OF_A_CLIENT = re.compile(r"try:([!-~]{1,200})")


def own_page(name: str | None) -> OwnPage | None:
    """The page that a name stands for, if any: whatever it is, it leads nowhere off this site."""
    if name is None or name in OWN_PAGES:
        return OWN_PAGES[name] if name else None
    if found := _OF_A_PERSON.fullmatch(name):
        return OwnPage(f"/admin/people/{found[1]}", fresh=True, by_role=True)
    if found := _OF_A_CLIENT.fullmatch(name):
        return OwnPage(f"/admin/try/{quote(found[1], safe='')}", fresh=True, by_role=True)
    return None
