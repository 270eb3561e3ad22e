"""What tokens would be signed with from now on: whoever cannot check that refuses them."""

from collections.abc import Iterator

from authserver.plan.consequence import Consequence
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.token.access_token import signing_alg


def signatures(before: Registry, after: Registry) -> Iterator[Consequence]:
    """Each client whose ID tokens, or access tokens for an API, change their algorithm."""
    for client_id in sorted(before.clients.keys() & after.clients.keys()):
        old, new = before.client(client_id), after.client(client_id)
        if old is not None and new is not None:
            yield from _changed(f"client {client_id}", before, after, old, new)


def _changed(subject: str, before: Registry, after: Registry, old: Client, new: Client) -> Iterator[Consequence]:
    was, becomes = old.id_token_signed_response_alg, new.id_token_signed_response_alg
    if "openid" in new.scopes and was != becomes:
        yield _told(subject, "its ID tokens", was, becomes)
    if old.userinfo_signed_response_alg != new.userinfo_signed_response_alg:
        signed = new.userinfo_signed_response_alg
        what = "is JSON instead of a JWT" if signed is None else f"is a JWT, signed with {signed}"
        yield Consequence("told", subject, f"what userinfo answers it {what}")
    for name in new.apis:
        if name in old.apis:
            was, becomes = signing_alg(old, before.apis[name]), signing_alg(new, after.apis[name])
            if was != becomes:
                yield _told(subject, f"its access tokens for {name}", was, becomes)


def _told(subject: str, tokens: str, was: str, becomes: str) -> Consequence:
    return Consequence("told", subject, f"{tokens} are signed with {becomes} instead of {was}")
