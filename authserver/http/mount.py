"""What a room gives the application: everything that it answers and does, said in one place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Response

from authserver.http.machine import Endpoint
from authserver.http.routes import Routes
from authserver.outbox.kind import Kind
from authserver.server import Reply, Request, Server

READ, READ_AND_SEND, SEND = ("GET",), ("GET", "POST"), ("POST",)
View = Callable[..., Response]
# The rule of an address, its view, or the name of one that comes later, and its methods. Flask knows a page by its room
# and the name of its view.
Page = tuple[str, View | str, tuple[str, ...]]
# A redirect, or None: the view of the same path answers, from the beginning.
AtOnce = Callable[[Server, Request], Reply | None]


class Later:
    """Views that `load` imports with the first request for one of them, so that no start waits for what few ask for.

    None of them may be one that takes posts from elsewhere.
    """

    def __init__(self, load: Callable[[], Sequence[View]]) -> None:
        self._load = load

    def view(self, name: str) -> View:
        """What answers as the view of this name does."""

        def answer(**arguments: str) -> Response:
            return self._views[name](**arguments)

        return answer

    @cached_property
    def _views(self) -> Mapping[str, View]:
        return {view.__name__: view for view in self._load()}


@dataclass(frozen=True, slots=True)
class Upload:
    """A page that takes files: up to `size` bytes in all, from a browser that has this cookie."""

    size: int
    cookie: str


@dataclass(frozen=True, slots=True)
class Mount:
    """A room, as the application takes it. Paths are below the issuer's, but for those `at_root` of the host.

    `endpoints` are answered for machines before Flask, and so are `routes`, whose paths hold ids; `pages` are views of
    Flask; `at_once` are pages, by path, that need none where nothing is to be asked. `grants` are those of the token
    endpoint, `jobs` the kinds of jobs in the outbox, and `kept` is what the room's pages find in `app.extensions`.
    `uploads` are those of the pages that take files. `later` are the views of pages that name theirs.
    """

    name: str
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    at_root: Mapping[str, Endpoint] = field(default_factory=dict)
    routes: Sequence[Routes] = ()
    pages: Sequence[Page] = ()
    later: Later | None = None
    at_once: Mapping[str, AtOnce] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    grants: Sequence[type[Any]] = ()
    jobs: Sequence[Kind] = ()
    kept: Mapping[str, object] = field(default_factory=dict)
