"""Link an identity to the account of whoever is signed in: added in the account area."""

from typing import Any

from flask import Response

from authserver.federation.attempt import Held
from authserver.federation.enter import change_by, link_to, map_roles
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.redirect import see_page
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.vouched import Vouched
from authserver.signin.next_step import is_fresh
from authserver.signin.session import current_session
from authserver.store import users
from authserver.store.upstream import identities


def link(provider: Provider, held: Held, person: Vouched, tokens: dict[str, Any]) -> Response:
    """Link, if still the same person is signed in, and freshly. Raises UpstreamError."""
    server, session = current_server(), current_session()
    if session is None or session.sub != held.sub or not is_fresh(server, session):
        return stale_page()
    with server.database.write() as connection:
        user = users.get(connection, session.sub)
        known = identities.find(connection, person.issuer, person.subject)
        if user is None or (known is not None and known.sub != user.sub):
            raise UpstreamError("taken")
        if known is None:
            change = change_by(connection, provider)
            link_to(change, provider, user, person, tokens)
            map_roles(change, provider, user, person)
    return see_page("federation.linked", added=provider.name)
