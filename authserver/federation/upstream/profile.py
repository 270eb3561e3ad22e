"""What a provider says of a person, taken over: all of it for a new account, later only what the rules name."""

from typing import Any

from authserver.protocol.provider import Provider
from authserver.protocol.upstream.vouched import Vouched


def profile_by(provider: Provider, person: Vouched, *, is_new: bool) -> dict[str, Any]:
    """The profile as far as the rules take it over; what the provider leaves out is left out."""
    said: dict[str, Any] = dict(person.further) if is_new else {}
    if person.name is not None and (is_new or "name" in provider.refresh):
        # Its parts go with it: a new name beside an old family name would be nobody's.
        parts = {"given_name": person.given_name, "family_name": person.family_name}
        said |= {"name": person.name, **parts, "middle_name": person.further.get("middle_name")}
    if person.picture is not None and (is_new or "picture" in provider.refresh):
        said["picture"] = person.picture
    return said
