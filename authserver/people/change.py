"""A change to a person: one transaction, who makes it, and when. Its events and its letters are kept with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from authserver.events import EventName, emit
from authserver.mail import Post, post_of
from authserver.server import Server
from authserver.store import Connection
from authserver.store.users import User


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts on a person. `client_id` is the client that an administrator acts through, `detail` is for auditors."""

    is_administrator: bool = False
    client_id: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


THEMSELVES = Actor()


def administrator(name: str, through: str, client_id: str | None = None) -> Actor:
    """Somebody who looks after others, by `sub`, client or account of the machine, through the API or a command."""
    caller = {"caller": client_id} if client_id else {}
    return Actor(True, client_id, {"by": name, "through": through, **caller})


def provider(name: str) -> Actor:
    """A person whom a provider vouches for, or a provider by itself."""
    return Actor(detail={"provider": name})


@dataclass(frozen=True, slots=True)
class Change:
    """One transaction on people: who acts, at which second, and how letters leave.

    `listens` says of a client whether it is to be told of sessions that end. Where clients.yaml is not known, as to a
    command, each may be: who delivers the word knows.
    """

    connection: Connection
    by: Actor
    now: int
    post: Post
    listens: Callable[[str], bool] = lambda _client_id: True

    def note(self, name: EventName, sub: str | None, *, client_id: str | None = None, **detail: Any) -> None:
        """Keep an event, and who did it, with the transaction. `client_id` is the client that it is about, if any."""
        said = {**self.by.detail, **detail}
        emit(name, sub=sub, client_id=client_id or self.by.client_id, within=self.connection, **said)

    def tell(self, user: User, letter: str, to: str | None = None, **facts: Any) -> None:
        """Have a letter sent to the person, or to another address of theirs. Who has no address is told nothing."""
        address = to or user.email
        if address:
            context = {"user": user, "at": self.now, "by_administrator": self.by.is_administrator, **facts}
            self.post.put(self.connection, self.now, letter, address, context)


def change_of(server: Server, connection: Connection, by: Actor = THEMSELVES) -> Change:
    """A change in the caller's transaction, at a running server."""

    def listens(client_id: str) -> bool:
        client = server.client(client_id)
        return client is not None and client.backchannel_logout_uri is not None

    return Change(connection, by, server.now(), post_of(server), listens)
