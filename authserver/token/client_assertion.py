"""`private_key_jwt`: an assertion is held against the client's keys, and its `jti` is spent.

OpenID Connect Core §9; RFC 7523 §3. https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication
"""

from authserver.outbound.fault import CallError
from authserver.protocol.client import assertion
from authserver.protocol.client.assertion import AssertionFault
from authserver.protocol.client.client import Client
from authserver.server import Server
from authserver.store import once


def check(server: Server, client: Client, presented: str, called: str) -> None:
    """Accept an assertion of this client, once, at whichever endpoint and worker. Raises AssertionFault.

    `called` is the URL of the endpoint that it was sent to.
    """
    issuer = server.settings.issuer
    # RFC 9126 §2: a pushed request may name the endpoint that it is pushed to.
    endpoints = tuple({f"{issuer}/token", *({called} & {f"{issuer}/par"})})
    try:
        found = assertion.read(
            presented,
            client,
            server.client_keys.key_sets(client),
            issuer=issuer,
            # FAPI 2.0 §5.3.2.1: the issuer alone, as one text.
            endpoints=() if client.is_fapi else endpoints,
            now=server.now(),
        )
    except CallError as error:
        raise AssertionFault(f"the client's jwks_uri: {error.detail}", is_signed=False) from None
    with server.database.write_one(is_brief=True) as connection:
        # A client_id has no space, and an issuer none either: no id of another kind of token is this one.
        if not once.spend(connection, f"client_assertion {client.client_id}", found.jti, found.forget_at):
            raise AssertionFault("was used before: its jti must be new each time", is_signed=True)
