"""Every operation of the API."""

from collections.abc import Mapping

from authserver.http.machine import Endpoint
from authserver.management import access, data, events, factors, identities, keys, people, registered, roles
from authserver.management.call.dispatch import endpoints
from authserver.management.clients_file import explain, plan
from authserver.management.description import describe

OPERATIONS = (
    *people.OPERATIONS,
    *roles.OPERATIONS,
    *access.OPERATIONS,
    *factors.OPERATIONS,
    *identities.OPERATIONS,
    *data.OPERATIONS,
    *registered.OPERATIONS,
    *plan.OPERATIONS,
    *explain.OPERATIONS,
    *events.OPERATIONS,
    *keys.OPERATIONS,
)


def every_endpoint(issuer: str) -> Mapping[str, Endpoint]:
    """The endpoints of the operations by their paths, and that of their description."""
    return endpoints(OPERATIONS) | {"/openapi.json": describe(OPERATIONS, issuer)}
