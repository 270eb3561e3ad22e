"""Why a person cannot sign in to a client, or to none yet, and why a client would not get what it asks for."""

from collections.abc import Collection, Iterator

from authserver.explain.because import Because
from authserver.explain.question import Question
from authserver.protocol.errors import ProtocolError, RedirectedError

# Each of these is enough to begin a session.
_ALONE = frozenset({"pwd", "passkey", "provider"})


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


def no_way_in(question: Question, methods: Collection[str]) -> Iterator[Because]:
    """Say so where the person has nothing to sign in by, and no provider is said to vouch; `methods` is what they have.

    No refusal: an invitation, or a provider that is trusted for their address, gives them a way at any time.
    """
    user = question.user
    if question.provider is None and not (question.by_mail and user.email) and _ALONE.isdisjoint(methods):
        yield Because(
            f"{user.username} has no way to sign in yet: no password, no passkey, and no account at a provider. "
            "Invite them to choose a password"
        )
