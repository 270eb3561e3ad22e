"""Token exchange: an API that was sent a person's token gets one for another API, on that person's behalf.

RFC 8693 §2.1, §2.2.2, §4.1, §4.4; RFC 8707 §2. https://www.rfc-editor.org/rfc/rfc8693
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from authserver.protocol.client.api import Api
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ProtocolError
from authserver.protocol.parameters import Parameters
from authserver.protocol.request.resource import normal
from authserver.protocol.token.granted_claims import granted_permissions
from authserver.protocol.token.reach import TokenReach

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a type
# RFC 8693 §4.1: who has handed it on, one inside the other. Longer chains are a circle.
MOST_ACTORS = 5


@dataclass(frozen=True, slots=True)
class Exchange:
    """What an API asks for: which token it shows, for which other API, with which scope."""

    subject_token: str
    target: Api
    scope: str | None


def asked_exchange(parameters: Parameters, caller: Api, registry: Registry) -> Exchange:
    """The exchange that parameters ask for. Raises `invalid_request` and `invalid_target`."""
    if parameters.get("actor_token") is not None or parameters.get("actor_token_type") is not None:
        raise ProtocolError("invalid_request", "Leave out actor_token: the API that authenticates is the actor.")
    token, kind = parameters.get("subject_token"), parameters.get("subject_token_type")
    if token is None or kind is None:
        raise ProtocolError("invalid_request", "subject_token and subject_token_type are required.")
    if kind != ACCESS_TOKEN:
        raise ProtocolError("invalid_request", f"subject_token_type must be {ACCESS_TOKEN}.", detail=repr(kind[:200]))
    if parameters.get("requested_token_type") not in (None, ACCESS_TOKEN):
        raise ProtocolError("invalid_request", f"requested_token_type can only be {ACCESS_TOKEN}.")
    return Exchange(token, _target(parameters, caller, registry), parameters.get("scope"))


def _target(parameters: Parameters, caller: Api, registry: Registry) -> Api:
    """The one API that `audience`, its name, or `resource`, its audience, names."""
    audience, resources = parameters.get("audience"), parameters.resources
    if audience is None and not resources:
        raise ProtocolError("invalid_target", "Say for which API: its name as audience, or its audience as resource.")
    named = [registry.apis[name] for name in caller.exchanges if name in registry.apis]
    found = {api.name for api in named if audience in (api.name, api.audience)} if audience is not None else None
    for resource in resources:
        of_resource = {api.name for api in named if normal(api.audience) == normal(resource)}
        found = of_resource if found is None else found & of_resource
    if not found:
        raise ProtocolError(
            "invalid_target",
            "This is no single API for which clients.yaml lets this API exchange tokens (exchanges).",
            detail=f"received {audience!r} and {resources!r}, may have {sorted(caller.exchanges)!r}",
        )
    return registry.apis[found.pop()]


def exchanged_reach(
    registry: Registry,
    caller: Api,
    target: Api,
    held: Collection[str],
    roles: Collection[str],
    requested: str | None,
) -> TokenReach:
    """How far the new token goes: `held` are the permissions of the calling API that the shown token carries today.

    Each permission there needs one here, and the person's roles must give it, too. Roles and groups are left out, since
    they would tell of more, unless the API reads them as mere names. Raises `invalid_scope`.
    """
    opened = {name for name, needs in caller.exchanges[target.name].items() if needs.intersection(held)}
    given = opened.intersection(granted_permissions(registry, target, roles))
    words = given if requested is None else set(requested.split())
    if not words <= target.permissions.keys():
        raise ProtocolError(
            "invalid_scope",
            "A scope is not a permission of the API that the token is for.",
            detail=f"received {str(requested)[:500]!r}, the API has {sorted(target.permissions)!r}",
        )
    left = tuple(sorted(given & words))
    if not left:
        raise ProtocolError(
            "invalid_scope",
            "The subject_token carries nothing that clients.yaml lets it be exchanged for here, or the person's roles "
            "do not give it.",
            detail=f"it carries {sorted(held)!r}, which opens {sorted(opened)!r}; asked for {str(requested)[:500]!r}",
        )
    return TokenReach((target.audience,), left, left, target.roles_are_names)


def actor_of(caller: Api, claims: Mapping[str, Any]) -> dict[str, Any]:
    """The `act` of the new token: this API, and inside it who handed on the token that it was sent (RFC 8693 §4.1).

    Raises `invalid_request` where the token's `may_act` names another, and where it went through too many hands.
    """
    may_act = claims.get("may_act")
    if may_act is not None and (not isinstance(may_act, dict) or may_act.get("sub") != caller.name):
        raise ProtocolError("invalid_request", "The subject_token says that another may act with it (may_act).")
    before, actors = claims.get("act"), 1
    within = before
    while isinstance(within, dict):
        actors, within = actors + 1, within.get("act")
    if actors > MOST_ACTORS:
        raise ProtocolError("invalid_request", f"The subject_token was exchanged {MOST_ACTORS} times: no more.")
    return {"sub": caller.name} if before is None else {"sub": caller.name, "act": before}
