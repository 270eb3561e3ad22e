"""One operation of the API: what it is, what it needs, what it takes and gives. The description is made from these."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from authserver import people
from authserver.access.giving import Names, beyond
from authserver.management.call.caller import Caller
from authserver.people import Change
from authserver.protocol.client.registry import Registry
from authserver.server import NO_STORE, Reply, Request, Server, json_reply
from authserver.store import Connection


@dataclass(frozen=True, slots=True)
class Call:
    """One request that may be answered: who asks, for what, with which query and body, each checked."""

    server: Server
    registry: Registry
    caller: Caller
    request: Request
    query: Any
    body: Any
    operation: str

    @property
    def now(self) -> int:
        """Seconds since the epoch."""
        return self.server.now()

    def argument(self, name: str) -> str:
        """An id out of the path."""
        return self.request.arguments[name]

    def change(self, connection: Connection) -> Change:
        """A change to people by this caller, in a transaction."""
        by = people.administrator(self.caller.name, "api", self.caller.client_id)
        return people.change_of(self.server, connection, by)

    def beyond(self, roles: Collection[str], groups: Collection[str] = ()) -> Names:
        """What of these the caller may not give; where it is empty they may also change a person who has these."""
        return beyond(self.registry, self.caller.has, roles, groups)


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path. `precondition` asks for If-Match (RFC 9110 §13.1.1)."""

    method: str
    path: str
    name: str
    summary: str
    permission: str
    answer: Callable[[Call], Reply]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None
    status: int = 200
    precondition: bool = False
    repeatable: bool = False
    """Whether it takes an Idempotency-Key."""


def given(model: BaseModel, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A model as the answer."""
    return json_reply(model.model_dump(), status, headers)


def nothing() -> Reply:
    """Done, and nothing to say about it."""
    return Reply(204, b"", NO_STORE)
