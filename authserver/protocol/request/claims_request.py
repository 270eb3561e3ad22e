"""The `claims` parameter: single claims about the person, and what `acr` and `sub` must be.

OpenID Connect Core §5.5, §5.5.1.1. https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from authserver.protocol.errors import ProtocolError
from authserver.protocol.person.known_claims import STANDARD, KnownClaims

MAX_LENGTH = 4096
PLACES = ("userinfo", "id_token")


@dataclass(frozen=True, slots=True)
class RequestedClaims:
    """What is asked for: `claims` are words such as `userinfo.email`. Empty `acr` and `subs` demand nothing.

    `wished_acr` are the values of an `acr` that is not essential.
    """

    claims: tuple[str, ...] = ()
    acr: tuple[str, ...] = ()
    wished_acr: tuple[str, ...] = ()
    subs: tuple[str, ...] = ()


NOTHING = RequestedClaims()


def requested_claims(value: str | None, registered: Collection[str], known: KnownClaims = STANDARD) -> RequestedClaims:
    """Read the parameter, for a client with these registered scopes.

    A claim that this server lacks, or whose scope the client may not have, is left out, essential or not (§5.5.1): it
    never keeps anybody from signing in. Raises `invalid_request` for what is no request of claims.
    """
    if value is None:
        return NOTHING
    if len(value) > MAX_LENGTH:
        raise _malformed(f"is longer than {MAX_LENGTH} characters")
    try:
        asked = json.loads(value)
    except (ValueError, RecursionError):
        raise _malformed("is not JSON") from None
    members = {place: _members(_object(asked), place) for place in PLACES}
    claims = (
        f"{place}.{claim}"
        for place, wanted in members.items()
        for claim in wanted
        if known.scope_of.get(claim) in registered
    )
    in_id_token = members["id_token"]
    acr, is_essential = _demanded(in_id_token, "acr"), _is_essential(in_id_token.get("acr"))
    return RequestedClaims(
        claims=tuple(sorted(claims)),
        acr=acr if is_essential else (),
        wished_acr=() if is_essential else acr,
        subs=_agreed(_demanded(members[place], "sub") for place in PLACES),
    )


def opened_scopes(claims: Iterable[str], known: KnownClaims = STANDARD) -> frozenset[str]:
    """The scopes that these words open a part of: what a person is asked about."""
    scope_of = known.scope_of
    return frozenset(scope_of[claim] for word in claims if (claim := word.partition(".")[2]) in scope_of)


def single_claims(
    place: str,
    claims: Iterable[str],
    person: Mapping[str, object],
    *,
    registered: Collection[str],
    given_up: Collection[str],
    known: KnownClaims = STANDARD,
) -> dict[str, object]:
    """Those of the words for this place that are known, of scopes that the client may have.

    `given_up` are scopes that were granted and that this token was narrowed by: with them go their claims.
    """
    wanted = names_at(place, claims)
    # An address is never said without whether it was proven.
    names = {name for name, other in known.beside.items() if name in wanted or other in wanted}
    return {
        name: person[name]
        for name in sorted(names)
        if (scope := known.scope_of[name]) in registered and scope not in given_up and known.can_be_said(person, name)
    }


def names_at(place: str, claims: Iterable[str]) -> frozenset[str]:
    """The names of the claims that were asked for at this place."""
    return frozenset(word.partition(".")[2] for word in claims if word.startswith(f"{place}."))


def _members(asked: Mapping[str, object], place: str) -> Mapping[str, object]:
    return _object(asked[place]) if asked.get(place) is not None else {}


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _malformed("and its members userinfo and id_token must be JSON objects")
    return value


def _is_essential(details: object) -> bool:
    return isinstance(details, dict) and details.get("essential") is True


def _demanded(members: Mapping[str, object], claim: str) -> tuple[str, ...]:
    """The values that a claim must have one of; none where any will do."""
    details = members.get(claim)
    if not isinstance(details, dict):
        return ()
    values = details.get("values", [details["value"]] if "value" in details else [])
    if not isinstance(values, list) or not all(isinstance(each, str) and each for each in values):
        raise _malformed("has a value or values that are not text")
    return tuple(dict.fromkeys(values))


def _agreed(demands: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    first, second = demands
    if not first or not second:
        return first or second
    both = tuple(each for each in first if each in second)
    if not both:
        raise _malformed("asks for two different people")
    return both


def _malformed(what: str) -> ProtocolError:
    return ProtocolError("invalid_request", f"The parameter claims {what}.")
