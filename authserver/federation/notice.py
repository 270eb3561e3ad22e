"""Every link is told to the person by mail: somebody else's would be noticed."""

from sqlalchemy import Connection

from authserver import mail
from authserver.protocol.provider import Provider
from authserver.store.users import User
from authserver.web.current import current_server


def tell_of_link(connection: Connection, provider: Provider, user: User) -> None:
    """Queue the mail, where the person has an address."""
    server = current_server()
    if user.email:
        mail.queue(
            connection, server, "sign_in_linked", user.email, user=user, provider=provider.label, at=server.now()
        )
