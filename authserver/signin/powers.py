"""What the person who is signed in may do to others: the permissions of the management API, by their own roles.

They count at this moment and in this session, as in a token (RFC 9068 §2.2.3.1).
https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1
"""

from dataclasses import dataclass

from authserver.access.effective import declared_groups
from authserver.access.giving import Names
from authserver.protocol import management
from authserver.protocol.token.granted_claims import granted_permissions
from authserver.server import Server
from authserver.signin.next_step import roles_of
from authserver.store.sessions import Session
from authserver.store.users import User


@dataclass(frozen=True, slots=True)
class OwnPowers:
    """The names that somebody has, and the permissions of the management API that these give."""

    has: Names
    permissions: frozenset[str]


def powers_of(server: Server, session: Session, person: User) -> OwnPowers:
    """What this person may do, in this session."""
    registry = server.registry
    roles = roles_of(server, session, person)
    groups = declared_groups(registry, person.groups)
    permissions = granted_permissions(registry, registry.apis[management.NAME], roles)
    return OwnPowers(Names(frozenset(roles), frozenset(groups)), frozenset(permissions))
