"""`POST /token` (RFC 6749 §3.2): Authlib dispatches by `grant_type`."""

from authserver.server import Reply, Request, Server


def token(server: Server, request: Request) -> Reply:
    """Answer a token request: tokens, or a refusal as JSON (RFC 6749 §5)."""
    return server.create_token_response(request)
