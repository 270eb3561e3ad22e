"""The API by which this server is managed: it is its own first resource server (RFC 8707 §2)."""

from authserver.protocol.client.api import Api

NAME = "authserver"
PATH = "/api/v1"
PERMISSIONS = {
    "read:users": "See people, their roles, groups, sessions and applications",
    "write:users": "Add and change people, their roles and groups; end their sessions",
    "delete:users": "Delete people",
    "export:users": "Download everything stored about a person, and the list of people",
    "read:events": "Read the audit events",
    "read:keys": "See the signing keys",
    "write:keys": "Rotate the signing keys",
    "read:clients": "See the registered clients",
    "plan:clients": "See what a changed clients.yaml would do",
    "write:clients": "Let clients register themselves, and remove those",
}


def management_api(issuer: str) -> Api:
    """This API, as one more in the registry: roles give its permissions, clients are registered for it by name."""
    return Api(name=NAME, audience=issuer + PATH, permissions=PERMISSIONS)
