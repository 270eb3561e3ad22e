"""Why a person cannot sign in to a client, and why a client would not get what it asks for."""

from collections.abc import Iterator

from authserver.explain.because import Because
from authserver.explain.question import Question
from authserver.protocol.errors import ProtocolError, RedirectedError


def refusals(question: Question) -> Iterator[Because]:
    """Every reason; none where the sign-in would lead to tokens."""
    client, user = question.client, question.user
    if client.is_disabled:
        yield Because(f"{client.client_id} is disabled by an administrator")
    if "authorization_code" not in client.grant_types:
        yield Because(
            f"{client.client_id} signs nobody in: it may not use authorization_code", question.at("grant_types")
        )
        return
    if user.disabled_at is not None:
        yield Because(f"{user.username} is disabled")
    if client.allowed_roles is not None and client.allowed_roles.isdisjoint(question.roles):
        wanted, has = ", ".join(sorted(client.allowed_roles)), ", ".join(question.roles) or "none"
        yield Because(
            f"{client.client_id} lets in whoever has one of {wanted}; {user.username} has {has}", question.at("allow")
        )
    if client.provider is not None and client.provider != question.provider:
        yield Because(
            f"people sign in to {client.client_id} by the provider {client.provider} alone", question.at("provider")
        )
    if not client.redirect_uris:
        yield Because(f"{client.client_id} has no redirect URI", question.at("redirect_uris"))
    try:
        _ = question.reach
    except (RedirectedError, ProtocolError) as error:
        yield Because(f"the request is refused with {error.error}: {error.description}")
